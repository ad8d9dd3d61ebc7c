import { ServiceError } from '../model/index.ts';
import { parseImageReference } from './image-reference.ts';
import { renderRunText, type RunVariableValues } from './run-variables.ts';

/** Where in its registry the log of a run goes as an artifact. */
export interface LogTarget {
  readonly repository: string;
  readonly tag: string;
}

/**
 * The repository and tag that a `logTemplate` gives for a run; without a tag `latest`. The run's own
 * registry may stand before them, no other.
 * @param createTime is the template's `now`, so that it gives the same whenever the log is pushed.
 * @throws ServiceError 400 `InvalidLogTemplate` with the target `logTemplate`.
 */
export function logTargetOf(
  template: string,
  loginServer: string,
  values: RunVariableValues,
  createTime: Date,
): LogTarget {
  try {
    const surroundings = { name: 'logTemplate', now: createTime, random: () => 0 };
    const name = renderRunText(template, values, surroundings);
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
