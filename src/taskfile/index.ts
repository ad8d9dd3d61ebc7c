export { formatDependencies } from './dependency-report.ts';
export { scanDockerfile, type ScannedDockerfile } from './dockerfile.ts';
export { formatImageReference, parseImageReference, type ImageReference } from './image-reference.ts';
export {
  expandRunVariables,
  runDate,
  runVariables,
  runVariablesIn,
  type RunVariable,
} from './run-variables.ts';
