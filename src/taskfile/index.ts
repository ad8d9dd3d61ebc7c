export { formatDependencies } from './dependency-report.ts';
export { scanDockerfile, type ScannedDockerfile } from './dockerfile.ts';
export { logTargetOf, type LogTarget } from './log-target.ts';
export {
  dockerHub,
  formatImageReference,
  parseImageReference,
  type ImageReference,
} from './image-reference.ts';
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
export { aliasSourcesOf, type AliasSource } from './alias.ts';
export { defaultImageAliases } from './image-aliases.ts';
export { planOf, type Plan } from './plan.ts';
export { readTask, type ReadTask } from './read-task.ts';
export { readTaskFile, taskFileSecrets } from './read-task-file.ts';
export { renderTaskFile, type RenderedTaskFile, type TaskFileInput } from './render.ts';
export { splitShellWords } from './shell-words.ts';
export * from './task.ts';
export { isRemoteContext, workspaceDirectory, workspacePath } from './workspace-path.ts';
