import { checkValueDepth } from './meter.ts';
import { TemplateFailure } from './failure.ts';

/**
 * A value of a template. Go's `int` is a bigint and its `float64` a number, so that `1.0` stays a float;
 * `null` is a nil inside a list or dictionary, `undefined` a missing value, which prints as `<no value>`.
 */
export type Value =
  undefined | null | boolean | string | bigint | number | SizedInt | GoList | GoMap | GoObject;

/** An integer of another type than `int`. */
export class SizedInt {
  readonly type: 'int64' | 'uint64' | 'uint8' | 'uint32';
  readonly value: bigint;

  constructor(type: SizedInt['type'], value: bigint) {
    this.type = type;
    this.value = value;
  }
}

export type ListType = '[]interface {}' | '[]string' | '[]int' | '[][]interface {}';

/** A slice. It is never changed once made. */
export class GoList {
  readonly type: ListType;
  readonly items: readonly Value[];
  readonly isNil: boolean;

  constructor(type: ListType, items: readonly Value[], isNil = false) {
    this.type = type;
    this.items = items;
    this.isNil = isNil;
  }
}

export type MapType = 'map[string]interface {}' | 'map[string]string';

/** A map; `set` and its like change it in place. Keys never meet JavaScript's own properties. */
export class GoMap {
  readonly type: MapType;
  readonly entries: Map<string, Value>;
  readonly isNil: boolean;

  constructor(type: MapType, entries: Map<string, Value>, isNil = false) {
    this.type = type;
    this.entries = entries;
    this.isNil = isNil;
  }
}

/** A value with methods, as a time or a version. */
export abstract class GoObject {
  abstract readonly type: string;
  abstract readonly kind: 'struct' | 'ptr';
  abstract toString(): string;
  abstract toJSON(): string;
  abstract equals(other: GoObject): boolean;
  /** The method's parameters and what it does, or undefined when there is none of that name. */
  abstract method(name: string): Method | undefined;
}

export interface Method {
  readonly parameters: readonly ParameterType[];
  run(...values: Value[]): Value;
}

/** Types of parameters in Go's signatures; `value` is a reflect.Value, which may be missing. */
export type ParameterType =
  | 'interface {}'
  | 'value'
  | 'string'
  | 'bool'
  | 'int'
  | 'uint32'
  | 'float64'
  | 'time.Time'
  | 'map[string]interface {}';

/** A float in the data given to a template where a whole JavaScript number would be taken for an int. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export const list = (items: readonly Value[]): GoList => new GoList('[]interface {}', items);
export const nilList = (): GoList => new GoList('[]interface {}', [], true);
export const strings = (items: readonly string[]): GoList => new GoList('[]string', items);
export const dict = (entries: Iterable<readonly [string, Value]> = []): GoMap =>
  new GoMap('map[string]interface {}', new Map(entries));
export const int64 = (value: bigint): SizedInt => new SizedInt('int64', BigInt.asIntN(64, value));

/** Copies plain data into values. Whole numbers become ints, others floats. */
export function valueOf(data: unknown, depth = 0): Value {
  checkValueDepth(depth);
  switch (typeof data) {
    case 'undefined':
      return undefined;
    case 'boolean':
    case 'string':
      return data;
    case 'bigint':
      return BigInt.asIntN(64, data);
    case 'number':
      return Number.isSafeInteger(data) ? BigInt(data) : data;
    case 'object':
      if (data === null) return null;
      if (data instanceof Float) return data.value;
      if (Array.isArray(data)) return list(data.map((item) => valueOf(item ?? null, depth + 1)));
      return dict(
        Object.entries(data)
          .filter(([, value]) => value !== undefined)
          .map(([key, value]) => [key, valueOf(value, depth + 1)]),
      );
    default:
      throw new TemplateFailure(`the data holds a ${typeof data}, which templates cannot use`);
  }
}

/** The Go type, as `%T` prints it. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'undefined':
      return '<nil>';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float64';
    case 'string':
      return 'string';
    default:
      return value === null ? '<nil>' : value.type;
  }
}

/** The Go kind: `slice`, `map`, `int64`, …; `invalid` for nil. */
export function kindName(value: Value): string {
  if (value === undefined || value === null) return 'invalid';
  if (value instanceof GoList) return 'slice';
  if (value instanceof GoMap) return 'map';
  if (value instanceof GoObject) return value.kind;
  return typeName(value);
}

/** Whether `if` takes the value for true: neither missing, nil, false, zero nor empty. */
export function isTrue(value: Value): boolean {
  if (value instanceof GoList) return value.items.length > 0;
  if (value instanceof GoMap) return value.entries.size > 0;
  if (value instanceof SizedInt) return value.value !== 0n;
  // NaN is not zero in Go.
  if (typeof value === 'number') return value !== 0;
  return Boolean(value);
}

/** The integer in a value of any integer type, or undefined. */
export function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return value instanceof SizedInt ? value.value : undefined;
}

const encoder = new TextEncoder();

/** Order of strings in Go: by bytes of UTF-8, which is the order of code points. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a[at] === b[at]) at += 1;
  if (at === length) return a.length - b.length;
  // Back to the start of a surrogate pair.
  const code = a.charCodeAt(at - 1);
  if (at > 0 && code >= 0xd800 && code <= 0xdbff) at -= 1;
  return (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0);
}

/** A map's entries in the order in which Go prints and ranges over them. */
export const sortedEntries = (map: GoMap): [string, Value][] =>
  [...map.entries].sort(([a], [b]) => compareStrings(a, b));

/** Length in bytes of UTF-8, as `len` counts. */
export const byteLength = (text: string): number => Buffer.byteLength(text);

/** Bytes `start` to `end` of a string; a character cut in two becomes U+FFFD. */
export function byteSlice(text: string, start: number, end?: number): string {
  return Buffer.from(encoder.encode(text).subarray(start, end)).toString();
}
