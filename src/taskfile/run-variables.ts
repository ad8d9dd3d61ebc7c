import { ServiceError } from '../model/index.ts';

/** What a run says of itself in `{{…}}`. */
export const runVariables = [
  'Run.ID',
  'Run.Registry',
  'Run.RegistryName',
  'Run.Date',
  'Run.Commit',
  'Run.Branch',
  'Run.TaskName',
  'Run.OS',
  'Run.Architecture',
  'Build.ID',
] as const;
export type RunVariable = (typeof runVariables)[number];

const expression = /\{\{(.*?)\}\}/gs;

/**
 * Puts a run's values in place of `{{.Run.ID}}` and its like. A variable without a value stays as it is, so
 * that it can be expanded later, by who knows it.
 * @throws ServiceError 400 `InvalidExpression` for every other text in `{{…}}`.
 */
export function expandRunVariables(
  text: string,
  values: Readonly<Partial<Record<RunVariable, string>>>,
): string {
  return text.replace(expression, (whole, inner: string) => values[variableOf(whole, inner)] ?? whole);
}

/**
 * The variables that a text names, each as often as it does. `target` is the member that holds the text.
 * @throws ServiceError as `expandRunVariables`.
 */
export function runVariablesIn(text: string, target?: string): RunVariable[] {
  return [...text.matchAll(expression)].map(([whole, inner = '']) => variableOf(whole, inner, target));
}

function variableOf(whole: string, inner: string, target?: string): RunVariable {
  const found = runVariables.find((name) => `.${name}` === inner.trim());
  if (found) return found;
  const known = runVariables.map((name) => `{{.${name}}}`).join(', ');
  throw new ServiceError(
    400,
    'InvalidExpression',
    `${JSON.stringify(whole.slice(0, 200))} ${target === undefined ? '' : `in ${target} `}is not known; there are ${known}`,
    target === undefined ? {} : { target },
  );
}

/** `{{.Run.Date}}`: `20261124-034743z`, UTC. */
export function runDate(time: Date): string {
  return time.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-').concat('z');
}
