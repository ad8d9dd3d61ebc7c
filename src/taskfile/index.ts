export { formatDependencies } from './dependency-report.ts';
export { scanDockerfile, type ScannedDockerfile } from './dockerfile.ts';
export { logTargetOf, type LogTarget } from './log-target.ts';
export {
  dockerHub,
  formatImageReference,
  parseImageReference,
  type ImageReference,
} from './image-reference.ts';
export {
  expandRunVariables,
  runDate,
  runVariables,
  runVariablesIn,
  type RunVariable,
} from './run-variables.ts';
