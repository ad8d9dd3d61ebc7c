import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { memberPath, membersOf, textOf, type Member } from './members.ts';
import { refuse } from './refuse.ts';
import type { YamlDocument } from './yaml.ts';

/**
 * A map of a YAML text, asked member by member. Scalars become texts as they were written (`0777` stays
 * `0777`); an empty one is as good as absent. A member of a wrong type is refused by name and line.
 */
export interface Fields {
  /** `steps[2]`; empty for the root. */
  readonly path: string;
  /** It is there and not empty. */
  has(name: string): boolean;
  /** It is there, perhaps empty. */
  mentions(name: string): boolean;
  text(name: string): string | undefined;
  /** A whole number. */
  integer(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  texts(name: string): readonly string[];
  integers(name: string): readonly number[];
  map(name: string): Fields | undefined;
  maps(name: string): readonly Fields[];
  textMap(name: string): Readonly<Record<string, string>>;
  /** Every member as a text. */
  entries(): [string, string][];
  /** Refuses a member: `steps[2].id (line 7) <what>`. */
  fail(name: string, what: string): never;
  /** Adds a warning about a member. */
  warn(name: string, what: string): void;
  /** Warns of the members that nobody has asked for. */
  end(): void;
}

/** The root of a text; `what` names it in errors. Warnings are added to `warnings`. */
export function openRoot(yaml: YamlDocument, what: string, warnings: string[]): Fields {
  const root = yaml.root === null ? null : yaml.resolve(yaml.root);
  if (root === null || (isScalar(root) && root.value === null))
    return fieldsOf(yaml, new Map(), '', warnings);
  if (!isMap(root)) return refuse(`${what} (line ${yaml.lineOf(root)}) must be a map of names and values`);
  return openFields(yaml, root, '', warnings);
}

export function openFields(yaml: YamlDocument, map: YAMLMap, path: string, warnings: string[]): Fields {
  return fieldsOf(yaml, membersOf(yaml, map, path, warnings), path, warnings);
}

function fieldsOf(
  yaml: YamlDocument,
  members: Map<string, Member>,
  path: string,
  warnings: string[],
): Fields {
  const asked = new Set<string>();
  const place = (name: string): string => {
    const line = members.get(name)?.line;
    return `${memberPath(path, name)}${line === undefined ? '' : ` (line ${line})`}`;
  };
  const fail = (name: string, what: string): never =>
    refuse(`${place(name)} ${what}`, memberPath(path, name));
  const get = (name: string): Node | undefined => {
    asked.add(name);
    const value = members.get(name)?.value ?? undefined;
    return value === undefined || (isScalar(value) && value.value === null) ? undefined : value;
  };
  const read = <T>(name: string, what: string, convert: (node: Node) => T | undefined): T | undefined => {
    const node = get(name);
    if (node === undefined) return undefined;
    return convert(node) ?? fail(name, `is ${shown(node)}; it must be ${what}`);
  };
  const list = <T>(name: string, what: string, convert: (node: Node) => T | undefined): T[] =>
    read(name, `a list of ${what}s`, (node) => {
      if (!isSeq(node)) return undefined;
      return (node.items as Node[]).map((item, index) => {
        const target = yaml.resolve(item);
        const converted = convert(target);
        if (converted !== undefined) return converted;
        const member = `${memberPath(path, name)}[${index}]`;
        return refuse(
          `${member} (line ${yaml.lineOf(item)}) is ${shown(target)}; it must be a ${what}`,
          member,
        );
      });
    }) ?? [];
  const asText = (node: Node): string | undefined => (isScalar(node) ? (textOf(node) ?? '') : undefined);
  return {
    path,
    fail,
    has: (name) => get(name) !== undefined,
    mentions: (name) => members.has(name),
    text: (name) => read(name, 'a text', asText),
    integer: (name) => read(name, 'a whole number', integerOf),
    flag: (name) =>
      read(name, 'true or false', (node) =>
        isScalar(node) && typeof node.value === 'boolean' ? node.value : undefined,
      ),
    texts: (name) => list(name, 'text', asText),
    integers: (name) => list(name, 'whole number', integerOf),
    map: (name) =>
      read(name, 'a map', (node) =>
        isMap(node) ? openFields(yaml, node, memberPath(path, name), warnings) : undefined,
      ),
    maps: (name) => {
      let index = -1;
      return list(name, 'map', (node) => {
        index += 1;
        const item = `${memberPath(path, name)}[${index}]`;
        return isMap(node) ? openFields(yaml, node, item, warnings) : undefined;
      });
    },
    textMap: (name) =>
      Object.fromEntries(
        read(name, 'a map of texts', (node) =>
          isMap(node) ? openFields(yaml, node, memberPath(path, name), warnings).entries() : undefined,
        ) ?? [],
      ),
    entries: () =>
      [...members.keys()].map((name) => [name, read(name, 'a text', (node) => asText(node)) ?? '']),
    warn: (name, what) => void warnings.push(`${place(name)} ${what}`),
    end: () => {
      for (const name of members.keys()) {
        if (asked.has(name)) continue;
        const near = [...asked].find((other) => other.toLowerCase() === name.toLowerCase());
        warnings.push(
          `${place(name)} is not known and has no effect${near === undefined ? '' : `; is ${near} meant?`}`,
        );
      }
    },
  };
}

function integerOf(node: Node): number | undefined {
  if (!isScalar(node)) return undefined;
  const number = typeof node.value === 'bigint' || typeof node.value === 'number' ? Number(node.value) : NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

function shown(node: Node): string {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  return isScalar(node) ? JSON.stringify(textOf(node) ?? null).slice(0, 80) : 'an unknown alias';
}
