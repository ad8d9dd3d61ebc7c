export { formatDependencies } from './dependency-report.ts';
export { scanDockerfile, type ScannedDockerfile } from './dockerfile.ts';
export { logTargetOf, type LogTarget } from './log-target.ts';
export { formatImageReference, parseImageReference, type ImageReference } from './image-reference.ts';
export { qualifyImage } from './qualify-image.ts';
export type { TemplateSurroundings } from './go-template/index.ts';
export {
  renderRunText,
  runDate,
  runVariables,
  type RunTextOptions,
  type RunVariable,
  type RunVariableValues,
} from './run-variables.ts';
