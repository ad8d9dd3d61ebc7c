export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** How messages name the type of a value. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'array' : typeof value === 'number' ? 'int' : typeof value;
}

/** The name under which an object has a member: names of a template are compared without case. */
export function memberName(object: object, name: string): string | undefined {
  if (Object.hasOwn(object, name)) return name;
  const wanted = name.toLowerCase();
  return Object.keys(object).find((each) => each.toLowerCase() === wanted);
}

/** The member of that name, in any case. */
export function member(object: JsonObject, name: string): Json | undefined {
  const found = memberName(object, name);
  return found === undefined ? undefined : object[found];
}

/** An object of those entries; a name such as `__proto__` is a member like any other. */
export function objectOf(entries: Iterable<readonly [string, Json]>): JsonObject {
  return Object.fromEntries(entries);
}

/** Equality by value. Numbers, texts and flags of different types are never equal. */
export function isEqual(a: Json, b: Json): boolean {
  if (isArray(a) && isArray(b)) {
    return a.length === b.length && a.every((item, index) => isEqual(item, b[index] ?? null));
  }
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && isEqual(a[name] ?? null, b[name] ?? null))
    );
  }
  return a === b;
}

/** How large a value is. */
export interface Measure {
  /** Roughly the characters of its JSON; what is shared in a value counts each time. */
  readonly size: number;
  readonly depth: number;
}

const plain: Measure = { size: 8, depth: 0 };
const measures = new WeakMap<object, Measure>();

/** Measures each part of a value once, however often it is shared. */
export function measure(value: Json): Measure {
  if (typeof value === 'string') return { size: value.length + 2, depth: 0 };
  if (!isArray(value) && !isObject(value)) return plain;
  const known = measures.get(value);
  if (known) return known;
  let [size, depth] = [2, 0];
  for (const part of isArray(value) ? value : Object.values(value)) {
    const of = measure(part);
    size += of.size + 2;
    depth = Math.max(depth, of.depth);
  }
  const measured = { size, depth: depth + 1 };
  measures.set(value, measured);
  return measured;
}

/** How deep values may be nested. */
export const maxDepth = 200;

/** Whether a value of unknown origin is nested deeper than `maxDepth`; needs no stack to tell. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return true;
    level = level.flatMap((each): unknown[] =>
      typeof each === 'object' && each !== null ? Object.values(each) : [],
    );
  }
  return false;
}
