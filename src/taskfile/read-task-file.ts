import { openRoot } from './fields.ts';
import { readTask, type ReadTask } from './read-task.ts';
import { renderTaskFile, type TaskFileInput } from './render.ts';
import { readSecrets } from './secrets.ts';
import type { TaskSecret } from './task.ts';
import { parseYaml } from './yaml.ts';

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

/**
 * The secrets that a task file names: it is rendered once without any to read the list. The caller resolves
 * them and hands the values to `readTaskFile` by their ids. Most files name none, and are not rendered here.
 * @throws ServiceError 400 as `readTaskFile`.
 */
export function taskFileSecrets(input: Omit<TaskFileInput, 'secrets'>): TaskSecret[] {
  if (!input.text.includes('secrets') && !input.aliasSources.some((text) => text.includes('secrets')))
    return [];
  const name = input.name ?? 'task';
  return readSecrets(openRoot(parseYaml(renderTaskFile(input).text, name), name, []));
}
