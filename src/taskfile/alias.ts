import { isMap, isScalar } from 'yaml';
import { openFields, openRoot, type Fields } from './fields.ts';
import { defaultImageAliases } from './image-aliases.ts';
import { refuse } from './refuse.ts';
import { hasAliases, versionOf } from './version.ts';
import { parseYaml } from './yaml.ts';

/** Where a task file's aliases come from beside itself. */
export type AliasSource =
  { readonly kind: 'url'; readonly location: string } | { readonly kind: 'file'; readonly location: string };

export interface Expanded {
  /** The task file without its alias block, each alias replaced; every line stands where it stood. */
  readonly text: string;
  /** What may be the first word of a `cmd` without `$`; their values may hold templates. */
  readonly words: ReadonlyMap<string, string>;
}

const runAliases = [
  'ID',
  'SharedVolume',
  'Registry',
  'RegistryName',
  'Date',
  'OS',
  'Architecture',
  'Commit',
  'Branch',
] as const;

/**
 * The files (in the source) and URLs that the alias block of a task file names, in its order. The caller
 * loads them (a URL within 2 seconds) and hands their texts to `expandAliases`.
 * @throws ServiceError 400 `InvalidTaskFile` for a wrong version, or an alias block that is no YAML.
 */
export function aliasSourcesOf(text: string): AliasSource[] {
  if (!hasAliases(versionOf(text))) return [];
  return readBlock(cutBlock(text).block).sources.map((location) => ({
    kind: /^https?:\/\//i.test(location) ? 'url' : 'file',
    location,
  }));
}

/**
 * Replaces `$name` by what the alias block gives for it: its `values`, before a later `src`, before an
 * earlier one, before what is built in. `$$` is a literal `$`, and an unknown name stays.
 * @param sources the texts of `aliasSourcesOf`, in its order.
 * @throws ServiceError 400 `InvalidTaskFile` for a wrong directive or name, or a source that is no map.
 */
export function expandAliases(
  text: string,
  sources: readonly string[],
  imageAliases: Readonly<Record<string, string>> = defaultImageAliases,
): Expanded {
  if (!hasAliases(versionOf(text))) return { text, words: new Map() };
  const { block, rest } = cutBlock(text);
  const { values, sources: locations, directive } = readBlock(block);
  const external = sources.flatMap((source, index) => [...readSource(source, locations[index] ?? '')]);
  // Of two entries with one name, the later one counts.
  const written = [...external, ...values];
  for (const [name] of written) checkName(name);
  const words = new Map([...Object.entries(imageAliases), ...written]);
  const aliases = new Map([...runAliases.map((name) => [name, `{{.Run.${name}}}`] as const), ...words]);
  return { text: replace(rest, directive, aliases), words };
}

/** The lines of the top-level `alias:` block, and the others; what is cut out leaves its line empty. */
function cutBlock(text: string): { block: string; rest: string } {
  let isInside = false;
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const parts = lines.map((line) => {
    if (line.startsWith('#')) return { block: '', rest: '' };
    if (!isInside && /^alias\s*:/.test(line)) isInside = true;
    else if (isInside && /^[^\s:#][^:]*:/.test(line)) isInside = false;
    return isInside ? { block: line, rest: '' } : { block: '', rest: line };
  });
  return {
    block: parts.map(({ block }) => block).join('\n'),
    rest: parts.map(({ rest }) => rest).join('\n'),
  };
}

function readBlock(block: string): { values: [string, string][]; sources: string[]; directive: string } {
  const root = openRoot(parseYaml(block, 'the alias block'), 'the alias block', []);
  const alias: Fields | undefined = root.map('alias');
  const directive = alias?.text('directive') ?? '$';
  if ([...directive].length !== 1)
    refuse(
      `the alias directive is ${JSON.stringify(directive)}: $ directive can only be overwritten by a single character`,
      'alias.directive',
    );
  if (/[a-z0-9]/i.test(directive))
    refuse(
      `the alias directive is ${JSON.stringify(directive)}: overwritten directives may not be alphanumeric characters`,
      'alias.directive',
    );
  return {
    values: Object.entries(alias?.textMap('values') ?? {}),
    sources: [...(alias?.texts('src') ?? [])],
    directive,
  };
}

function readSource(text: string, location: string): [string, string][] {
  const what = `the alias file ${location}`;
  const yaml = parseYaml(text, what);
  if (yaml.root !== null && !isMap(yaml.root) && !(isScalar(yaml.root) && yaml.root.value === null))
    refuse(`${what} must be a map of names and values`, 'alias.src');
  return isMap(yaml.root) ? openFields(yaml, yaml.root, what, []).entries() : [];
}

function checkName(name: string): void {
  if (!/^[a-z0-9]+$/i.test(name))
    refuse(
      `the alias is called ${JSON.stringify(name)}: alias key names only support alphanumeric characters`,
      'alias.values',
    );
}

function replace(text: string, directive: string, aliases: ReadonlyMap<string, string>): string {
  const mark = `\\u{${directive.codePointAt(0)?.toString(16)}}`;
  return text.replace(
    new RegExp(`${mark}(?:${mark}|([A-Za-z0-9]+))`, 'gu'),
    (whole, name: string | undefined) => (name === undefined ? directive : (aliases.get(name) ?? whole)),
  );
}
