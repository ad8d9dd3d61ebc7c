import { TemplateFailure } from '../failure.ts';
import { checkListSize, checkStringSize } from '../meter.ts';
import { printed } from '../print.ts';
import { quoted } from '../quote.ts';
import { GoMap, type Value, byteLength, byteSlice, strings as stringList } from '../values.ts';
import { changeCase } from './case.ts';
import { type FunctionTable, define, variadic } from './define.ts';
import { stringOf, stringsOf } from './text.ts';
import { abbreviate, wrap } from './wrap.ts';

const space = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const leadingSpace = new RegExp(`^${space}+`);
const anySpace = new RegExp(`${space}+`, 'g');
const isSpace = new RegExp(`^${space}$`);

const trimAll = define(['string', 'string'], (_, cutset, text) =>
  trimChars(text, (char) => cutset.includes(char)),
);

/** sprig's functions of strings. Positions and lengths count bytes of UTF-8, as in Go. */
export const strings: FunctionTable = {
  ...changeCase,
  trim: define(['string'], (_, text) =>
    trimChars(text.replace(leadingSpace, ''), (char) => isSpace.test(char)),
  ),
  trimAll,
  trimall: trimAll,
  trimPrefix: define(['string', 'string'], (_, prefix, text) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  trimSuffix: define(['string', 'string'], (_, suffix, text) =>
    text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text,
  ),
  nospace: define(['string'], (_, text) => text.replace(anySpace, '')),
  initials: define(['string'], (_, text) =>
    text
      .split(anySpace)
      .map((word) => [...word][0] ?? '')
      .join(''),
  ),
  contains: define(['string', 'string'], (_, part, text) => text.includes(part)),
  hasPrefix: define(['string', 'string'], (_, prefix, text) => text.startsWith(prefix)),
  hasSuffix: define(['string', 'string'], (_, suffix, text) => text.endsWith(suffix)),
  repeat: define(['int', 'string'], (_, count, text) => {
    if (count < 0n) throw new TemplateFailure('negative repeat count');
    checkStringSize(Number(count) * text.length);
    // An empty text may be repeated ever so often.
    return text === '' ? '' : text.repeat(Number(count));
  }),
  replace: define(['string', 'string', 'string'], (_, old, by, text) => {
    const parts = splitText(text, old);
    const more = old === '' ? parts.length + 1 : parts.length - 1;
    checkStringSize(text.length + more * (by.length - old.length));
    return old === '' ? by + parts.map((part) => part + by).join('') : parts.join(by);
  }),
  substr: define(['int', 'int', 'string'], (_, start, end, text) =>
    substring(Number(start), Number(end), text),
  ),
  trunc: define(['int', 'string'], (_, count, text) => {
    const length = byteLength(text);
    if (count < 0n) return length + Number(count) > 0 ? byteSlice(text, length + Number(count)) : text;
    return length > count ? byteSlice(text, 0, Number(count)) : text;
  }),
  abbrev: define(['int', 'string'], (_, width, text) =>
    width < 4n ? text : abbreviate(text, 0, Number(width)),
  ),
  abbrevboth: define(['int', 'int', 'string'], (_, left, right, text) =>
    right < 4n || (left > 0n && right < 7n) ? text : abbreviate(text, Number(left), Number(right)),
  ),
  wrap: define(['int', 'string'], (_, width, text) => wrap(text, Number(width), '\n', false)),
  wrapWith: define(['int', 'string', 'string'], (_, width, separator, text) =>
    wrap(text, Number(width), separator || '\n', true),
  ),
  indent: define(['int', 'string'], (_, width, text) => indent(width, text)),
  nindent: define(['int', 'string'], (_, width, text) => `\n${indent(width, text)}`),
  plural: define(['string', 'string', 'int'], (_, one, many, count) => (count === 1n ? one : many)),
  quote: variadic([], 'interface {}', ({ meter }, values) =>
    given(values)
      .map((value) => quoted(stringOf(value, meter)))
      .join(' '),
  ),
  squote: variadic([], 'interface {}', ({ meter }, values) =>
    given(values)
      .map((value) => `'${printed(value, meter)}'`)
      .join(' '),
  ),
  cat: variadic([], 'interface {}', ({ meter }, values) =>
    given(values)
      .map((value) => printed(value, meter))
      .join(' '),
  ),
  toString: define(['interface {}'], ({ meter }, value) => stringOf(value, meter)),
  toStrings: define(['interface {}'], ({ meter }, value) => stringList(stringsOf(value, meter))),
  join: define(['string', 'interface {}'], ({ meter }, separator, value) => {
    const parts = stringsOf(value, meter);
    checkStringSize(parts.length * separator.length);
    return parts.join(separator);
  }),
  splitList: define(['string', 'string'], (_, separator, text) => stringList(splitText(text, separator))),
  split: define(['string', 'string'], (_, separator, text) => numbered(splitText(text, separator))),
  splitn: define(['string', 'int', 'string'], (_, separator, count, text) => {
    const parts = splitText(text, separator);
    if (count < 0n || parts.length <= count) return numbered(parts);
    const head = parts.slice(0, Math.max(Number(count) - 1, 0));
    return numbered(count === 0n ? [] : [...head, parts.slice(head.length).join(separator)]);
  }),
};

const given = (values: readonly Value[]) => values.filter((value) => value !== null && value !== undefined);

function trimChars(text: string, isCut: (char: string) => boolean): string {
  const chars = [...text];
  let start = 0;
  let end = chars.length;
  while (start < end && isCut(chars[start] ?? '')) start += 1;
  while (end > start && isCut(chars[end - 1] ?? '')) end -= 1;
  return chars.slice(start, end).join('');
}

/** strings.Split of Go; no separator cuts in characters. */
function splitText(text: string, separator: string): string[] {
  const parts = separator === '' ? [...text] : text.split(separator);
  checkListSize(parts.length);
  return parts;
}

/** `_0`, `_1`, … as sprig names the parts. */
const numbered = (parts: readonly string[]) =>
  new GoMap('map[string]string', new Map(parts.map((part, index) => [`_${index}`, part])));

function indent(width: bigint, text: string): string {
  if (width < 0n) throw new TemplateFailure('negative repeat count');
  const lines = text.split('\n');
  checkStringSize(text.length + lines.length * Number(width));
  const margin = ' '.repeat(Number(width));
  return lines.map((line) => margin + line).join('\n');
}

function substring(start: number, end: number, text: string): string {
  const length = byteLength(text);
  const from = Math.max(start, 0);
  const to = start >= 0 && (end < 0 || end > length) ? length : end;
  if (from > to || to > length) {
    throw new TemplateFailure(`substr ${start} to ${end} is out of range; the string has ${length} bytes`);
  }
  return byteSlice(text, from, to);
}
