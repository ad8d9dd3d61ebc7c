export type { Caller, ControlConfig, ControlDeps, Logger, RegistryHost } from './deps.ts';
export {
  authenticateAgent,
  countConnectedAgents,
  deregisterAgent,
  hashToken,
  registerAgent,
} from './agents.ts';
export {
  beginDeployment,
  cancelDeployment,
  deleteDeployment,
  exportDeploymentTemplate,
  getDeployment,
  listDeploymentOperations,
  listDeployments,
  validateDeployment,
} from './deployments/deployments.ts';
export { startDeployments } from './deployments/duty.ts';
export type { DeploymentRequest } from './deployments/plan.ts';
export type { ApiAnswer, ResourceApi } from './deployments/resource-api.ts';
export { startHousekeeping } from './housekeeping.ts';
export { beginOperation, getOperation } from './operations.ts';
export { beginAttempt, completeAttempt, heartbeat, recordLog } from './runs/attempt.ts';
export { cancelRun } from './runs/cancel.ts';
export { nextAssignment } from './runs/dispatch.ts';
export { headLog, readLog, waitForLog } from './runs/logs.ts';
export { getQueuePosition, getRun, getRunLogLink, listRuns, updateRun } from './runs/read.ts';
export { prepareRun, queueRun, scheduleRun, type PreparedRun } from './runs/schedule.ts';
export { getUploadLocation } from './runs/source-location.ts';
export { authorize, findPrincipal, imageActionsOf, mayDo, verifyPrincipal } from './resources/access.ts';
export { ensureFirstResources, startRegistries, type FirstResources } from './resources/first.ts';
export {
  createRegistry,
  deleteRegistry,
  findRegistryIn,
  getAdminCredentials,
  getRegistry,
  getRegistryUsage,
  isAdminPassword,
  isRegistryNameTaken,
  listRegistries,
  regenerateAdminPassword,
  updateRegistry,
  type AdminCredentials,
  type NewRegistry,
} from './resources/registries.ts';
export {
  deleteResourceGroup,
  getResourceGroup,
  getSubscription,
  listResourceGroups,
  listSubscriptions,
  putResourceGroup,
  updateResourceGroupTags,
} from './resources/resource-groups.ts';
