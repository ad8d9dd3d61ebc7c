import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { refuse } from './refuse.ts';
import type { YamlDocument } from './yaml.ts';

export interface Member {
  readonly value: Node | null;
  readonly line: number;
}

/** So many merges may come together in one map; those that contain themselves or multiply end here. */
const maximumMerges = 100;

/**
 * The members of a map, `path` being its own: the last value of each name; merged ones (`<<`) go behind all
 * that are written out.
 * @throws ServiceError 400 `InvalidTaskFile`.
 */
export function membersOf(
  yaml: YamlDocument,
  map: YAMLMap,
  path: string,
  warnings: string[],
  merges = { left: maximumMerges },
): Map<string, Member> {
  const members = new Map<string, Member>();
  const merged: Node[] = [];
  for (const { key, value } of map.items as { key: Node; value: Node | null }[]) {
    const name = yaml.resolve(key);
    if (!isScalar(name)) return refuse(`${at(path)}line ${yaml.lineOf(key)}: a name must be a text`);
    const text = textOf(name) ?? '';
    const target = value === null ? null : yaml.resolve(value);
    if (text === '<<' && target !== null) {
      merged.push(...(isSeq(target) ? (target.items as Node[]) : [target]));
      continue;
    }
    const line = yaml.lineOf(key);
    if (members.has(text))
      warnings.push(`${memberPath(path, text)} (line ${line}) is given twice; the last one counts`);
    members.set(text, { value: target, line });
  }
  for (const node of merged) {
    const source = yaml.resolve(node);
    if (!isMap(source)) return refuse(`${at(path)}line ${yaml.lineOf(node)}: << must merge a map`);
    if (merges.left === 0) return refuse(`${at(path)}line ${yaml.lineOf(node)}: << merges too much`);
    merges.left -= 1;
    for (const [name, member] of membersOf(yaml, source, path, [], merges))
      if (!members.has(name)) members.set(name, member);
  }
  return members;
}

/** `steps[2].id` */
export function memberPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function at(path: string): string {
  return path === '' ? '' : `${path}, `;
}

/** A scalar as it was written; an empty one is none. */
export function textOf(scalar: Scalar): string | undefined {
  if (scalar.value === null) return undefined;
  return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? JSON.stringify(scalar.value));
}
