import type { Fields } from './fields.ts';

/** `NAME=value` entries of a task's `env`; one may hold several with commas between them. */
export function taskEnvironment(task: Fields): string[] {
  return checked(
    task,
    task.texts('env').flatMap((entry) => entry.split(',')),
  );
}

/** A step's own entries, after those of its task that it does not have itself. */
export function stepEnvironment(step: Fields, ofTask: readonly string[]): string[] {
  const own = checked(step, step.texts('env'));
  const names = new Set(own.map(nameOf));
  return [...ofTask.filter((entry) => !names.has(nameOf(entry))), ...own];
}

function checked(fields: Fields, entries: readonly string[]): string[] {
  const wrong = entries.find((entry) => entry.indexOf('=') < 1);
  if (wrong !== undefined) fields.fail('env', `has ${JSON.stringify(nameOf(wrong))}; it must be NAME=value`);
  return [...entries];
}

function nameOf(entry: string): string {
  return entry.split('=', 1)[0] ?? '';
}
