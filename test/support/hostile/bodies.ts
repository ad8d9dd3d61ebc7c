import type { TSchema } from 'typebox';
import type { Random } from './random.ts';
import { wrongValues } from './values.ts';

/** What this generator reads of a JSON schema. */
interface Node {
  readonly readOnly?: boolean;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node;
  readonly oneOf?: readonly Node[];
  readonly items?: Node;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly pattern?: string;
  readonly minimum?: number;
}

type Path = readonly (string | number)[];

const texts = [
  ...['abcde', 'app:v1', 'https://example.org/a.git', 'dmVyc2lvbjo=', '0 0 * * *', 'registry.example.com'],
  '00000000-0000-0000-0000-000000000001',
];

/** Sound bodies of a schema with every member that a client may send; one for each branch of its unions. */
export function samplesOf(schema: TSchema): unknown[] {
  const root = schema as Node; // TypeBox's schemas are JSON Schema
  const branches = Math.max(1, root.oneOf?.length ?? 0, unionBelow(root));
  return Array.from({ length: branches }, (_, branch) => sampleOf(root, branch));
}

function unionBelow(node: Node): number {
  const below = Object.values(node.properties ?? {}).map((member) =>
    Math.max(member.oneOf?.length ?? 0, unionBelow(member)),
  );
  return Math.max(0, ...below);
}

function sampleOf(node: Node, branch: number): unknown {
  if (node.oneOf) return sampleOf(node.oneOf[branch % node.oneOf.length] ?? {}, branch);
  if (node.const !== undefined) return node.const;
  if (node.enum) return node.enum[0];
  switch (node.type) {
    case 'object':
      if (!node.properties)
        return { abcde: sampleOf(node.additionalProperties ?? { type: 'string' }, branch) };
      return Object.fromEntries(
        Object.entries(node.properties)
          .filter(([, member]) => member.readOnly !== true)
          .map(([name, member]) => [name, sampleOf(member, branch)]),
      );
    case 'array':
      return [sampleOf(node.items ?? {}, branch)];
    case 'integer':
      return node.minimum ?? 1;
    case 'boolean':
      return false;
    default:
      return texts.find((text) => new RegExp(node.pattern ?? '', 'u').test(text)) ?? 'abcde';
  }
}

/** The paths of all members and items of a value, the value itself first. */
export function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const below = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...below.flatMap(([key, member]) => pathsOf(member, [...at, key]))];
}

/** A copy of the value in which `path` holds something else; without a replacement it is left out. */
export function replaceAt(value: unknown, path: Path, ...replacement: [unknown?]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement[0];
  const copy: Record<string, unknown> = Array.isArray(value)
    ? ([...(value as unknown[])] as unknown as Record<string, unknown>)
    : { ...(value as Record<string, unknown>) };
  if (rest.length === 0 && replacement.length === 0) delete copy[key];
  else copy[key] = replaceAt(copy[key], rest, ...replacement);
  return copy;
}

/** Each member of a sound body in turn with something wrong in its place; `count` of the wrong values each. */
export function* wrongAtEachMember(schema: TSchema, random: Random, count: number): Generator<string> {
  for (const sample of samplesOf(schema)) {
    for (const path of pathsOf(sample)) {
      for (let index = 0; index < count; index += 1) {
        yield JSON.stringify(replaceAt(sample, path, random.pick(wrongValues)));
      }
      if (path.length > 0) yield JSON.stringify(replaceAt(sample, path));
    }
  }
}

/** A sound body with several things wrong, or bytes that are hardly JSON. */
export function mutatedBody(schema: TSchema, random: Random): Buffer {
  let value: unknown = random.pick(samplesOf(schema));
  for (let times = random.below(3); times >= 0; times -= 1) {
    value = replaceAt(value, random.pick(pathsOf(value)), random.pick(wrongValues));
    if (typeof value !== 'object' || value === null) break;
  }
  const json = JSON.stringify(value) ?? 'null';
  const at = random.below(json.length);
  const twists: (() => Buffer)[] = [
    () => Buffer.from(json),
    () =>
      Buffer.from(json.replace('{', '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"x":1}},')),
    () => Buffer.from(json.slice(0, at)),
    () =>
      Buffer.concat([
        Buffer.from(json.slice(0, at)),
        Buffer.from([0xff, 0xc0, 0x00]),
        Buffer.from(json.slice(at)),
      ]),
    () => Buffer.from(`\ufeff${json}`),
    () => Buffer.from(`${json}garbage`),
    () => Buffer.from(json, 'utf16le'),
    () => Buffer.from(json.replace(/"[^"]*"/, 'NaN')),
    () => Buffer.from(json.replace(/"(\w+)":/, '"$1":1,"$1":')),
    () => Buffer.from(json.replaceAll('e', '\\u0000')),
    () => Buffer.from(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    () => Buffer.from(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
    () => Buffer.from(`[${json}]`),
    () => Buffer.alloc(0),
  ];
  return random.chance(0.5) ? Buffer.from(json) : random.pick(twists)();
}
