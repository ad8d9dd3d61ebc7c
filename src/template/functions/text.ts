import { shown } from '../error.ts';
import { guidOf, uniqueStringOf } from '../hash.ts';
import { isArray, isObject, isTooDeep, type Json } from '../json.ts';
import { many, pure, type Arguments, type FunctionTable } from './arguments.ts';

/** A value as a text: `string`, `concat`, `format` and `join` agree on it. */
export function textOf(value: Json): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (isArray(value) || isObject(value)) return JSON.stringify(value);
  return value === null ? '' : String(value);
}

/** Functions on texts. */
export const textFunctions: FunctionTable = {
  base64: pure(1, 1, (args) => Buffer.from(args.text(0)).toString('base64')),
  base64ToJson: pure(1, 1, (args) => parse(args, fromBase64(args.text(0)))),
  base64ToString: pure(1, 1, (args) => fromBase64(args.text(0))),
  endsWith: pure(2, 2, (args) => args.text(0).toLowerCase().endsWith(args.text(1).toLowerCase())),
  format: pure(1, many, format),
  guid: pure(1, many, (args) => guidOf(args.all.map(textOf))),
  join: pure(2, 2, (args) => {
    const texts = args.array(0).map(textOf);
    const length = texts.reduce((sum, text) => sum + text.length + args.text(1).length, 0);
    return args.bounded(length, () => texts.join(args.text(1)));
  }),
  json: pure(1, 1, (args) => parse(args, args.text(0))),
  padLeft: pure(2, 3, (args) => {
    const width = args.int(1);
    return args.bounded(width, () =>
      textOf(args.any(0)).padStart(width, args.count > 2 ? args.text(2) : ' '),
    );
  }),
  replace: pure(3, 3, replace),
  split: pure(2, 2, split),
  startsWith: pure(2, 2, (args) => args.text(0).toLowerCase().startsWith(args.text(1).toLowerCase())),
  string: pure(1, 1, (args) => textOf(args.any(0))),
  substring: pure(2, 3, substring),
  toLower: pure(1, 1, (args) => args.text(0).toLowerCase()),
  toUpper: pure(1, 1, (args) => args.text(0).toUpperCase()),
  trim: pure(1, 1, (args) => args.text(0).trim()),
  uniqueString: pure(1, many, (args) => uniqueStringOf(args.all.map(textOf))),
  uri: pure(2, 2, (args) => attempt(args, () => new URL(args.text(1), args.text(0)).href)),
  uriComponent: pure(1, 1, (args) => attempt(args, () => encodeURIComponent(args.text(0)))),
  uriComponentToString: pure(1, 1, (args) => attempt(args, () => decodeURIComponent(args.text(0)))),
};

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

function attempt<T>(args: Arguments, work: () => T): T {
  try {
    return work();
  } catch {
    return args.fail(`cannot read ${shown(args.any(0))}`);
  }
}

function parse(args: Arguments, text: string): Json {
  const value = attempt(args, (): unknown =>
    JSON.parse(text, (key, each: unknown) => (key === '__proto__' ? undefined : each)),
  ) as Json; // JSON.parse makes nothing else
  return isTooDeep(value) ? args.fail('got a text that is nested too deep') : value;
}

function replace(args: Arguments): string {
  const [text, found, by] = [args.text(0), args.text(1), args.text(2)];
  if (found === '') return text;
  const count = text.split(found).length - 1;
  return args.bounded(text.length + count * by.length, () => text.replaceAll(found, () => by));
}

/** `{0}` is the first argument after the text; `{{` and `}}` are braces. */
function format(args: Arguments): string {
  let length = args.text(0).length;
  return args.text(0).replace(/\{\{|\}\}|\{(\d+)(?::[^}]*)?\}/g, (found, index?: string) => {
    if (index === undefined) return found.slice(1);
    const value = args.all[Number(index) + 1];
    if (value === undefined) return args.fail(`has no argument for {${index}}`);
    const text = textOf(value);
    length += text.length;
    return args.bounded(length, () => text);
  });
}

const maxDelimiters = 100;

/** Splits at each of the delimiters. */
function split(args: Arguments): Json {
  const delimiters = isArray(args.any(1)) ? args.array(1).map(textOf) : [args.text(1)];
  if (delimiters.length > maxDelimiters) args.fail(`takes at most ${maxDelimiters} delimiters`);
  return delimiters.reduce<string[]>(
    (parts, delimiter) => parts.flatMap((part) => (delimiter === '' ? [part] : part.split(delimiter))),
    [args.text(0)],
  );
}

function substring(args: Arguments): string {
  const [text, start] = [args.text(0), args.int(1)];
  const length = args.count > 2 ? args.int(2) : text.length - start;
  if (start < 0 || length < 0 || start + length > text.length) {
    args.fail(`cannot take ${length} characters from ${start} of a text of ${text.length} characters`);
  }
  return text.slice(start, start + length);
}
