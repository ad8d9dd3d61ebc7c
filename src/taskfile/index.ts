export { formatDependencies } from './dependency-report.ts';
export { scanDockerfile, type ScannedDockerfile } from './dockerfile.ts';
export { logTargetOf, type LogTarget } from './log-target.ts';
export { formatImageReference, parseImageReference, type ImageReference } from './image-reference.ts';
export {
  expandRunVariables,
  runDate,
  runVariables,
  runVariablesIn,
  type RunVariable,
} from './run-variables.ts';
export {
  defaultNetworkName,
  type BuildCommand,
  type BuildStep,
  type CmdStep,
  type PushStep,
  type Step,
  type Task,
  type TaskNetwork,
  type TaskSecret,
  type TaskVolume,
  type VolumeMount,
} from './task.ts';
