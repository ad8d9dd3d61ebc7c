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
export { imageUpdateKey } from './events/send.ts';
export { imageWebhookUrl, receiveImageWebhook, requireImageWebhook } from './images/image-webhook.ts';
export {
  getEventSubscription,
  listEventSubscriptions,
  listMessages,
  putSubscription,
  removeEventSubscription,
} from './events/subscriptions.ts';
export { listBaseImages } from './images/list.ts';
export {
  readNotifications,
  recordRegistryPushes,
  registryHook,
  requireRegistryToken,
} from './images/registry-hook.ts';
export { startHousekeeping } from './housekeeping.ts';
export { beginOperation, getOperation } from './operations.ts';
export {
  countQueuedRuns,
  deleteAgentPool,
  getAgentPool,
  getPoolJoinToken,
  listAgentPools,
  listPoolAgents,
  putAgentPool,
  updateAgentPool,
  type AgentPoolSettings,
  type PutAgentPool,
} from './pools/agent-pools.ts';
export { hostedAgentPools, leaveAgentPools, waitForAgentPools } from './pools/hosting.ts';
export { completeAttempt, heartbeat, recordLog } from './runs/attempt.ts';
export { cancelRun } from './runs/cancel.ts';
export { nextAssignment } from './runs/dispatch.ts';
export { headLog, readLog, waitForLog } from './runs/logs.ts';
export { listSteps, recordSteps } from './runs/steps.ts';
export { getRunLogLinks } from './runs/log-links.ts';
export { getQueuePosition, getRun, listRuns, updateRun } from './runs/read.ts';
export { prepareRun, queueRun, scheduleRun, type PreparedRun } from './runs/schedule.ts';
export { getUploadLocation } from './runs/source-location.ts';
export { readRunSecrets } from './vaults/run-secrets.ts';
export {
  listVaultSecrets,
  removeVaultSecret,
  setVaultSecret,
  vaultSecretUrl,
  type VaultSecret,
} from './vaults/vault.ts';
export { userAssignedIdentity } from './tasks/identity.ts';
export { taskResourceId } from './tasks/task-id.ts';
export { deleteTask, getTask, listTasks, putTask, updateTask, type OpenTask } from './tasks/tasks.ts';
export { getDeliveries, getDelivery, redeliver } from './triggers/deliveries.ts';
export { listWebhooks, type Webhook } from './triggers/hooks.ts';
export { findHook, receiveHook, type HookAnswer } from './triggers/receive.ts';
export { startTriggers } from './triggers/duty.ts';
export { resourceNotFound } from './resources/not-found.ts';
export { authorize, findPrincipal, imageActionsOf, mayDo, verifyPrincipal } from './resources/access.ts';
export { deleteRegistry, deleteResourceGroup } from './resources/deletions.ts';
export { ensureFirstResources, startRegistries, type FirstResources } from './resources/first.ts';
export {
  createRegistry,
  findRegistryIn,
  getAdminCredentials,
  getRegistryUsage,
  isAdminPassword,
  isRegistryNameTaken,
  listRegistries,
  regenerateAdminPassword,
  updateRegistry,
  type AdminCredentials,
  type NewRegistry,
} from './resources/registries.ts';
export { putTaskRun, updateTaskRun } from './resources/put-task-run.ts';
export {
  getResourceGroup,
  getSubscription,
  listResourceGroups,
  listSubscriptions,
  putResourceGroup,
  refuseDeleting,
  updateResourceGroupTags,
} from './resources/resource-groups.ts';
export {
  deleteTaskRun,
  getTaskRun,
  listTaskRuns,
  taskRunResourceId,
  type TaskRunResource,
} from './resources/task-runs.ts';
