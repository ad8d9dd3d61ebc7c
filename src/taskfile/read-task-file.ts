import { readTask, type ReadTask } from './read-task.ts';
import { renderTaskFile, type TaskFileInput } from './render.ts';

/**
 * Reads a task file: aliases, template, YAML, defaults, checks. The caller has loaded what `aliasSourcesOf`
 * lists and resolved what `taskFileSecrets` asks for:
 *
 *     const sources = await load(aliasSourcesOf(text));
 *     const input = { text, aliasSources: sources, values, run, surroundings };
 *     const secrets = await resolve(taskFileSecrets(input));
 *     const { task, warnings, rendered } = readTaskFile({ ...input, secrets });
 *
 * @throws ServiceError 400 `InvalidTaskFile` (its target is the member) or `InvalidTemplate`.
 */
export function readTaskFile(input: TaskFileInput): ReadTask & { readonly rendered: string } {
  const { text, words } = renderTaskFile(input);
  return { ...readTask(text, input.name ?? 'task', words), rendered: text };
}
