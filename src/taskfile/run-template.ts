import { ServiceError } from '../model/index.ts';

/** What a template can say of a run. */
export interface RunNames {
  readonly runId: string;
  /** As the run has them, in any case. */
  readonly os: string;
  readonly architecture: string;
  /** Login server of the run's registry. */
  readonly registry: string;
  readonly registryName: string;
  readonly createTime: Date;
  /** Undefined for a run of no task. */
  readonly taskName: string | undefined;
}

const names: Readonly<Record<string, (run: RunNames) => string>> = {
  'Run.ID': (run) => run.runId,
  'Build.ID': (run) => run.runId,
  'Run.OS': (run) => run.os.toLowerCase(),
  'Run.Architecture': (run) => run.architecture.toLowerCase(),
  'Run.Registry': (run) => run.registry,
  'Run.RegistryName': (run) => run.registryName.toLowerCase(),
  'Run.Date': (run) => dateOf(run.createTime),
  'Run.TaskName': (run) => run.taskName?.toLowerCase() ?? 'quicktask',
};

/**
 * Puts what a run is called in place of `{{.Run.ID}}` and the like.
 * @throws ServiceError 400 `InvalidTemplate` that names the part that is wrong.
 */
export function fillRunTemplate(template: string, run: RunNames): string {
  const filled = template.replace(/\{\{(.*?)\}\}/gs, (placeholder, inner: string) => {
    const name = inner.trim().replace(/^\./, '');
    const value = inner.trim().startsWith('.') && Object.hasOwn(names, name) ? names[name] : undefined;
    if (value) return value(run);
    throw invalid(`${placeholder.slice(0, 100)} is not known; there are ${known()}`);
  });
  if (/\{\{|\}\}/.test(filled)) throw invalid('a {{ or }} has no counterpart');
  return filled;
}

/** `20261124-030201z`: no character that a tag may not have. */
function dateOf(time: Date): string {
  return time
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
    .replace('T', '-')
    .toLowerCase();
}

function known(): string {
  return Object.keys(names)
    .map((name) => `{{.${name}}}`)
    .join(', ');
}

function invalid(message: string): ServiceError {
  return new ServiceError(400, 'InvalidTemplate', message);
}
