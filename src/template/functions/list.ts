import { isArray, isEqual, isObject, member, objectOf, type Json, type JsonObject } from '../json.ts';
import { many, pure, type Arguments, type FunctionTable } from './arguments.ts';
import { textOf } from './text.ts';

/** ARM's limit of `range`. */
const maxRange = 10_000;

/** Functions on arrays, objects, and what texts have in common with them. */
export const listFunctions: FunctionTable = {
  array: pure(1, 1, (args) => (isArray(args.any(0)) ? args.any(0) : [args.any(0)])),
  concat: pure(1, many, (args) =>
    isArray(args.any(0)) ? args.all.flatMap((_, index) => args.array(index)) : args.all.map(textOf).join(''),
  ),
  contains: pure(2, 2, contains),
  createArray: pure(0, many, (args) => args.all),
  createObject: pure(0, many, createObject),
  empty: pure(1, 1, (args) => args.any(0) === null || lengthOf(args) === 0),
  first: pure(1, 1, (args) => (isArray(args.any(0)) ? (args.array(0)[0] ?? null) : args.text(0).slice(0, 1))),
  flatten: pure(1, 1, (args) => args.array(0).flatMap((each) => (isArray(each) ? each : [each]))),
  indexOf: pure(2, 2, (args) => indexOf(args, 'first')),
  intersection: pure(2, many, intersection),
  items: pure(1, 1, (args) =>
    Object.entries(args.object(0))
      .sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
      .map(([key, value]) => ({ key, value })),
  ),
  last: pure(1, 1, (args) =>
    isArray(args.any(0)) ? (args.array(0).at(-1) ?? null) : args.text(0).slice(-1),
  ),
  lastIndexOf: pure(2, 2, (args) => indexOf(args, 'last')),
  length: pure(1, 1, lengthOf),
  objectKeys: pure(1, 1, (args) => Object.keys(args.object(0)).sort()),
  range: pure(2, 2, (args) => {
    const [start, count] = [args.int(0), args.int(1)];
    if (count < 0 || count > maxRange) args.fail(`makes 0 to ${maxRange} numbers, not ${count}`);
    return Array.from({ length: count }, (_, index) => start + index);
  }),
  shallowMerge: pure(1, 1, (args) =>
    objectOf(args.array(0).flatMap((each) => (isObject(each) ? Object.entries(each) : []))),
  ),
  skip: pure(2, 2, (args) => part(args, Math.max(args.int(1), 0), undefined)),
  take: pure(2, 2, (args) => part(args, 0, Math.max(args.int(1), 0))),
  tryGet: pure(2, many, (args) =>
    args.all.slice(1).reduce((value, key) => {
      if (isObject(value)) return member(value, textOf(key)) ?? null;
      return isArray(value) && typeof key === 'number' ? (value[key] ?? null) : null;
    }, args.any(0)),
  ),
  union: pure(1, many, union),
};

function contains(args: Arguments): boolean {
  const [container, item] = [args.any(0), args.any(1)];
  if (isArray(container)) return container.some((each) => isEqual(each, item));
  if (isObject(container)) return member(container, textOf(item)) !== undefined;
  return args.text(0).includes(textOf(item));
}

function createObject(args: Arguments): JsonObject {
  if (args.count % 2 !== 0) args.fail('needs a value for each name');
  const names = args.all.filter((_, index) => index % 2 === 0);
  return objectOf(names.map((_, index) => [args.text(2 * index), args.any(2 * index + 1)]));
}

function lengthOf(args: Arguments): number {
  const value = args.any(0);
  if (isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : args.text(0).length;
}

function indexOf(args: Arguments, which: 'first' | 'last'): number {
  const value = args.any(0);
  if (isArray(value)) {
    const isWanted = (each: Json): boolean => isEqual(each, args.any(1));
    return which === 'first' ? value.findIndex(isWanted) : value.findLastIndex(isWanted);
  }
  const [text, wanted] = [args.text(0).toLowerCase(), args.text(1).toLowerCase()];
  return which === 'first' ? text.indexOf(wanted) : text.lastIndexOf(wanted);
}

function part(args: Arguments, start: number, end: number | undefined): Json {
  return isArray(args.any(0)) ? args.array(0).slice(start, end) : args.text(0).slice(start, end);
}

function intersection(args: Arguments): Json {
  if (isArray(args.any(0))) {
    const others = args.all
      .slice(1)
      .map((_, index) => new Set(args.array(index + 1).map((each) => JSON.stringify(each))));
    return distinct(args.array(0)).filter((item) => others.every((other) => other.has(JSON.stringify(item))));
  }
  const others = args.all.slice(1).map((_, index) => args.object(index + 1));
  return objectOf(
    Object.entries(args.object(0)).filter(([name, value]) =>
      others.every((other) => Object.hasOwn(other, name) && isEqual(other[name] ?? null, value)),
    ),
  );
}

function union(args: Arguments): Json {
  if (isArray(args.any(0))) return distinct(args.all.flatMap((_, index) => args.array(index)));
  return args.all.map((_, index) => args.object(index)).reduce(merge);
}

function distinct(items: readonly Json[]): Json[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = JSON.stringify(item);
    return !seen.has(key) && seen.add(key);
  });
}

/** The members of both; objects in both are merged, otherwise the later one wins. */
function merge(a: JsonObject, b: JsonObject): JsonObject {
  const later = Object.entries(b).map(([name, value]): [string, Json] => {
    const earlier = Object.hasOwn(a, name) ? a[name] : undefined;
    return [name, isObject(earlier) && isObject(value) ? merge(earlier, value) : value];
  });
  return objectOf([...Object.entries(a), ...later]);
}
