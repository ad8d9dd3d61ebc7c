import { ServiceError } from '../model/index.ts';
import { parseImageReference } from './image-reference.ts';
import { expandRunVariables, type RunVariable } from './run-variables.ts';

/** Where in its registry the log of a run goes as an artifact. */
export interface LogTarget {
  readonly repository: string;
  readonly tag: string;
}

/**
 * The repository and tag that a `logTemplate` gives for a run; without a tag `latest`. The run's own
 * registry may stand before them, no other.
 * @throws ServiceError 400 `InvalidLogTemplate` with the target `logTemplate`.
 */
export function logTargetOf(
  template: string,
  loginServer: string,
  values: Readonly<Partial<Record<RunVariable, string>>>,
): LogTarget {
  try {
    const name = expandRunVariables(template, values);
    const own = name.startsWith(`${loginServer}/`) ? name : `${loginServer}/${name}`;
    const { registry, repository, tag, digest } = parseImageReference(own);
    if (registry === loginServer && tag !== undefined && digest === undefined) return { repository, tag };
    throw new ServiceError(400, 'InvalidLogTemplate', 'it names a digest, or another registry');
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const message =
      `logTemplate is ${JSON.stringify(template.slice(0, 200))}; it must give a repository and a tag, ` +
      `such as logs/{{.Run.TaskName}}:{{.Run.ID}}: ${error.message}`;
    throw new ServiceError(400, 'InvalidLogTemplate', message, { target: 'logTemplate' });
  }
}
