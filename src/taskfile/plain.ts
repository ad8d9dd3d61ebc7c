import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { membersOf, textOf } from './members.ts';
import { refuse } from './refuse.ts';
import type { YamlDocument } from './yaml.ts';

/** What templates see of YAML. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

/** Aliases may multiply what was written, up to here. */
const maximumNodes = 100_000;
const maximumDepth = 100;

/**
 * A YAML node as plain values, as YAML gives them; an integer too big for a number stays a text.
 * @param what names the text in errors.
 * @throws ServiceError 400 `InvalidTaskFile`.
 */
export function plainOf(yaml: YamlDocument, node: Node, what: string): Plain {
  let nodes = 0;
  const convert = (given: Node | null, depth: number): Plain => {
    nodes += 1;
    if (nodes > maximumNodes || depth > maximumDepth) refuse(`${what} is too big, or its aliases multiply`);
    const target = given === null ? null : yaml.resolve(given);
    if (isMap(target)) {
      const members = membersOf(yaml, target, '', []);
      return Object.fromEntries([...members].map(([name, { value }]) => [name, convert(value, depth + 1)]));
    }
    if (isSeq(target)) return (target.items as Node[]).map((item) => convert(item, depth + 1));
    if (!isScalar(target)) return null;
    const value = target.value;
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    return typeof value === 'number' || typeof value === 'boolean' ? value : (textOf(target) ?? null);
  };
  return convert(node, 0);
}
