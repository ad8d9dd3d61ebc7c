import { type Meter, checkStringSize, checkValueDepth } from '../meter.ts';
import { GoList, GoObject, SizedInt, type Value, dict, list, sortedEntries } from '../values.ts';

interface JsonStyle {
  /** Of one level; none for all on one line. */
  readonly indent: string;
  readonly escapesHtml: boolean;
}

/** encoding/json of Go: keys sorted, `<`, `>` and `&` escaped. Empty for what JSON cannot hold. */
export function toJson(value: Value, style: JsonStyle, meter: Meter): string {
  const text = encode(value, style, meter, 0);
  return text ?? '';
}

function encode(value: Value, style: JsonStyle, meter: Meter, depth: number): string | undefined {
  checkValueDepth(depth);
  meter.spend(10);
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof SizedInt) return value.value.toString();
  if (typeof value === 'string') return encodeString(value, style);
  if (value instanceof GoObject) return encodeString(value.toJSON(), style);
  if (value.isNil) return 'null';
  const isList = value instanceof GoList;
  const parts = isList
    ? value.items.map((item) => encode(item, style, meter, depth + 1))
    : sortedEntries(value).map(([key, item]) => {
        const encoded = encode(item, style, meter, depth + 1);
        return encoded === undefined
          ? undefined
          : `${encodeString(key, style)}:${style.indent === '' ? '' : ' '}${encoded}`;
      });
  if (parts.includes(undefined)) return undefined;
  const text = enclose(parts, isList ? '[]' : '{}', style, depth);
  checkStringSize(text.length);
  meter.spend(text.length);
  return text;
}

function enclose(
  parts: readonly (string | undefined)[],
  around: string,
  { indent }: JsonStyle,
  depth: number,
) {
  const [open = '', close = ''] = around;
  if (indent === '' || parts.length === 0) return open + parts.join(',') + close;
  const margin = `\n${indent.repeat(depth)}`;
  return `${open}${margin}${indent}${parts.join(`,${margin}${indent}`)}${margin}${close}`;
}

function encodeString(text: string, { escapesHtml }: JsonStyle): string {
  // Backspace and form feed have no short form in Go.
  const encoded = JSON.stringify(text.toWellFormed())
    .replace(/\\\\|\\b|\\f/g, (found) => (found === '\\b' ? '\\u0008' : found === '\\f' ? '\\u000c' : found))
    .replace(/[\u2028\u2029]/g, escaped);
  return escapesHtml ? encoded.replace(/[<>&]/g, escaped) : encoded;
}

const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The value that a JSON text holds, all its numbers floats; undefined for what is no JSON. */
export function fromJson(text: string): Value {
  try {
    return decoded(JSON.parse(text), 0);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function decoded(value: unknown, depth: number): Value {
  checkValueDepth(depth);
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (Array.isArray(value)) return list(value.map((item) => decoded(item, depth + 1)));
  if (typeof value !== 'object' || value === null) return null;
  return dict(Object.entries(value).map(([key, item]) => [key, decoded(item, depth + 1)]));
}
