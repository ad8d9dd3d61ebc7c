import { isMap } from 'yaml';
import { plainOf, type Plain } from './plain.ts';
import { refuse } from './refuse.ts';
import { parseYaml } from './yaml.ts';

export type Values = Readonly<Record<string, Plain>>;

/**
 * The values of a task file: those of the values file (a YAML map), each replaced by the given one of its
 * name. Names are flat: `a.b` is a name with a dot in it, not a member of `a`. Given values are texts.
 * @throws ServiceError 400 `InvalidTaskFile`.
 */
export function readValues(
  valuesText: string | undefined,
  given: readonly { readonly name: string; readonly value: string }[],
): Values {
  if (given.some(({ name }) => name === ''))
    refuse('a value has no name; it must be given as name=value', 'values');
  return {
    ...readValuesFile(valuesText ?? ''),
    ...Object.fromEntries(given.map(({ name, value }) => [name, value])),
  };
}

function readValuesFile(text: string): Values {
  const what = 'the values file';
  const yaml = parseYaml(text, what);
  const root = yaml.root === null ? null : plainOf(yaml, yaml.root, what);
  if (root === null) return {};
  if (!isMap(yaml.root)) return refuse(`${what} must be a map of names and values`, 'values');
  return root as Values; // a map's plain value is one
}
