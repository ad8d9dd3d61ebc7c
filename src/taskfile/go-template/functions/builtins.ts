import { TemplateFailure } from '../failure.ts';
import { printed, sprint } from '../print.ts';
import { sprintf } from '../printf.ts';
import { isPrintable } from '../quote.ts';
import { GoList, GoMap, SizedInt, type Value, byteLength, integerOf, isTrue, typeName } from '../values.ts';
import { type FunctionContext, type FunctionTable, define, variadic } from './define.ts';

/** The functions of text/template itself, but for the comparisons and for `slice`, which sprig replaces. */
export const builtins: FunctionTable = {
  // The evaluator performs these two, since they evaluate no more than they need.
  and: variadic(['value'], 'value', (_, more, first) => more.at(-1) ?? first),
  or: variadic(['value'], 'value', (_, more, first) => more.at(-1) ?? first),
  not: define(['value'], (_, value) => !isTrue(value)),
  len: define(['value'], (_, value) => BigInt(lengthOf(value))),
  index: variadic(['value'], 'value', (_, indexes, item) => indexes.reduce(indexed, rootOf(item))),
  call: variadic(['value'], 'value', (_, __, value) => {
    throw new TemplateFailure(`non-function of type ${typeName(value)}`);
  }),
  print: variadic([], 'interface {}', ({ meter }, values) => sprint(values, meter)),
  println: variadic([], 'interface {}', ({ meter }, values) =>
    sprintf(`${values.map(() => '%v').join(' ')}\n`, values, meter),
  ),
  printf: variadic(['string'], 'interface {}', ({ meter }, values, format) => sprintf(format, values, meter)),
  html: variadic([], 'interface {}', (context, values) => escapeHtml(textOf(context, values))),
  js: variadic([], 'interface {}', (context, values) => escapeJs(textOf(context, values))),
  urlquery: variadic([], 'interface {}', (context, values) => escapeQuery(textOf(context, values))),
};

function rootOf(value: Value): Value {
  if (value === undefined || value === null) throw new TemplateFailure('index of untyped nil');
  return value;
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') return byteLength(value);
  if (value instanceof GoList) return value.items.length;
  if (value instanceof GoMap) return value.entries.size;
  throw new TemplateFailure(value ? `len of type ${typeName(value)}` : 'len of nil pointer');
}

function indexed(item: Value, index: Value): Value {
  if (item === undefined || item === null) throw new TemplateFailure('index of nil pointer');
  if (item instanceof GoMap) return indexedMap(item, index);
  if (item instanceof GoList) return item.items[position(index, item.items.length)];
  if (typeof item !== 'string') throw new TemplateFailure(`can't index item of type ${typeName(item)}`);
  const bytes = Buffer.from(item);
  return new SizedInt('uint8', BigInt(bytes[position(index, bytes.length)] ?? 0));
}

function indexedMap(map: GoMap, index: Value): Value {
  if (index === undefined || index === null) {
    throw new TemplateFailure('value is nil; should be of type string');
  }
  if (typeof index !== 'string') {
    throw new TemplateFailure(`value has type ${typeName(index)}; should be string`);
  }
  // A key that is not there gives the zero value of the map's type.
  return map.entries.get(index) ?? (map.type === 'map[string]string' ? '' : null);
}

function position(index: Value, length: number): number {
  const value = integerOf(index);
  if (value === undefined) {
    const given = index === undefined || index === null ? 'nil' : `type ${typeName(index)}`;
    throw new TemplateFailure(`cannot index slice/array with ${given}`);
  }
  if (value < 0n || value >= length) {
    throw new TemplateFailure(`index out of range: ${value.toString()} with length ${length}`);
  }
  return Number(value);
}

function textOf({ meter }: FunctionContext, values: readonly Value[]): string {
  // As an action prints them: a lone missing value is `<no value>`.
  const shown = values.map((value) => (value === undefined || value === null ? '<no value>' : value));
  return shown.length === 1 ? printed(shown[0], meter) : sprint(shown, meter);
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};
const escapeHtml = (text: string) => text.replace(/[\0"'&<>]/g, (char) => htmlEscapes[char] ?? char);

function escapeJs(text: string): string {
  return text.replace(/[\\'"<>&=]|[^ -~]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if ('\\\'"'.includes(char)) return `\\${char}`;
    // DEL is no special character there.
    if (code === 0x7f || (code > 0x7f && isPrintable(char))) return char;
    return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

/** url.QueryEscape of Go. */
export const escapeQuery = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
