import type { RunVariables } from '../model/index.ts';
import { expandAliases } from './alias.ts';
import { renderTemplate, type TemplateSurroundings } from './go-template/index.ts';
import { refuse } from './refuse.ts';
import { readValues, type Values } from './values.ts';
import { workspaceDirectory } from './workspace-path.ts';

/** A task file and all that is needed to read it. */
export interface TaskFileInput {
  readonly text: string;
  /** What errors call it, such as `acb.yaml`. Default: `task`. */
  readonly name?: string;
  /** The texts of `aliasSourcesOf`, in its order. */
  readonly aliasSources: readonly string[];
  readonly valuesText?: string;
  /** They go before those of the values file; which of them are secret is the caller's matter. */
  readonly values: readonly { readonly name: string; readonly value: string }[];
  readonly run: RunVariables;
  /** By the ids of `taskFileSecrets`. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default: what the hosted service has. */
  readonly imageAliases?: Readonly<Record<string, string>>;
  readonly surroundings: TemplateSurroundings;
}

export interface RenderedTaskFile {
  readonly text: string;
  /** What may be the first word of a `cmd` without `$`. */
  readonly words: ReadonlyMap<string, string>;
}

/**
 * A task file with its aliases replaced and its template rendered: plain YAML.
 * @throws ServiceError 400 `InvalidTaskFile` or `InvalidTemplate`; 400 when nothing is left.
 */
export function renderTaskFile(input: TaskFileInput): RenderedTaskFile {
  const { text, words } = expandAliases(input.text, input.aliasSources, input.imageAliases);
  const values = readValues(input.valuesText, input.values);
  const name = input.name ?? 'task';
  const data = templateData(values, input.run, input.secrets ?? {});
  const render = (template: string): string =>
    template.includes('{{') ? renderTemplate(template, data, { ...input.surroundings, name }) : template;
  const rendered = render(text);
  if (rendered.trim() === '') refuse(`${name}: rendered template was empty`);
  return { text: rendered, words: new Map([...words].map(([word, value]) => [word, render(value)])) };
}

function templateData(values: Values, run: RunVariables, secrets: Readonly<Record<string, string>>): unknown {
  const known = {
    OSVersion: '',
    Repository: '',
    Branch: '',
    Commit: '',
    GitTag: '',
    ...run,
    SharedVolume: workspaceDirectory,
  };
  return {
    Build: { ID: run.ID },
    Run: known,
    Values: values,
    Secrets: secrets,
    ValuesJSON: shellQuote(goJson(values)),
    RunJSON: shellQuote(goJson(known)),
  };
}

/** JSON as Go's encoding/json writes it: names in order, and nothing that HTML would take for its own. */
function goJson(value: unknown): string {
  const sorted = (_name: string, member: unknown): unknown =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member;
  return JSON.stringify(value, sorted).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** One word for a POSIX shell. */
function shellQuote(text: string): string {
  if (text === '') return "''";
  return /[^\w^@=+%,:./-]/.test(text) ? `'${text.replaceAll("'", `'"'"'`)}'` : text;
}
