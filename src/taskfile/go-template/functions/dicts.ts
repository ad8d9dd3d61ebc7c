import { TemplateFailure } from '../failure.ts';
import { type Meter, checkListSize, checkValueDepth } from '../meter.ts';
import { GoList, GoMap, type Value, dict, list, sortedEntries, strings, typeName } from '../values.ts';
import { isEmpty } from './defaults.ts';
import { type FunctionTable, define, variadic } from './define.ts';
import { stringOf } from './text.ts';

type AnyMap = 'map[string]interface {}';
const map: AnyMap = 'map[string]interface {}';

const merge = variadic([map], map, ({ meter }, sources, target) => mergeAll(target, sources, false, meter));
const mergeOverwrite = variadic([map], map, ({ meter }, sources, target) =>
  mergeAll(target, sources, true, meter),
);
const copy = define(['interface {}'], ({ meter }, value) => deepCopy(value, meter));

/** sprig's functions of dictionaries. Go gives keys and values in any order, these sort by key. */
export const dicts: FunctionTable = {
  dict: variadic([], 'interface {}', ({ meter }, values) => {
    const entries = new Map<string, Value>();
    for (let at = 0; at < values.length; at += 2) {
      entries.set(stringOf(values[at], meter), at + 1 < values.length ? values[at + 1] : '');
    }
    return dict(entries);
  }),
  get: define([map, 'string'], (_, { entries }, key) => (entries.has(key) ? entries.get(key) : '')),
  set: define([map, 'string', 'interface {}'], (_, target, key, value) => {
    if (target.isNil) throw new TemplateFailure('assignment to entry in nil map');
    target.entries.set(key, value);
    checkListSize(target.entries.size);
    return target;
  }),
  unset: define([map, 'string'], (_, target, key) => {
    target.entries.delete(key);
    return target;
  }),
  hasKey: define([map, 'string'], (_, { entries }, key) => entries.has(key)),
  pluck: variadic(['string'], map, (_, maps, key) =>
    list(maps.filter(({ entries }) => entries.has(key)).map(({ entries }) => entries.get(key))),
  ),
  keys: variadic([], map, ({ meter }, maps) =>
    strings(
      maps.flatMap((each) => {
        meter.spend(each.entries.size * 10);
        return sortedEntries(each).map(([key]) => key);
      }),
    ),
  ),
  values: define([map], ({ meter }, each) => {
    meter.spend(each.entries.size * 10);
    return list(sortedEntries(each).map(([, value]) => value));
  }),
  pick: variadic([map], 'string', (_, keys, { entries }) =>
    dict(keys.filter((key) => entries.has(key)).map((key) => [key, entries.get(key)])),
  ),
  omit: variadic([map], 'string', ({ meter }, keys, { entries }) => {
    meter.spend(entries.size);
    const omitted = new Set(keys);
    return dict([...entries].filter(([key]) => !omitted.has(key)));
  }),
  merge,
  mustMerge: merge,
  mergeOverwrite,
  mustMergeOverwrite: mergeOverwrite,
  deepCopy: copy,
  mustDeepCopy: copy,
  dig: variadic([], 'interface {}', (_, values) => dig(values)),
};

function mergeAll(target: GoMap, sources: readonly GoMap[], isOverwriting: boolean, meter: Meter): Value {
  const merged = target.isNil ? dict() : target;
  for (const source of sources) mergeInto(merged, source, isOverwriting, meter, 0);
  return merged;
}

/** As mergo does it: dictionaries within each other are merged, other values kept or replaced as a whole. */
function mergeInto(target: GoMap, source: GoMap, isOverwriting: boolean, meter: Meter, depth: number): void {
  checkValueDepth(depth);
  if (target === source) return;
  for (const [key, value] of source.entries) {
    meter.spend(10);
    const existing = target.entries.get(key);
    if (value === null || value === undefined) {
      if (isOverwriting) target.entries.set(key, value);
      continue;
    }
    if (value instanceof GoMap && existing instanceof GoMap) {
      mergeInto(existing, value, isOverwriting, meter, depth + 1);
    }
    // A dictionary never replaces another value that is not empty.
    if (value instanceof GoMap && !isEmpty(existing)) continue;
    if (isOverwriting || isEmpty(existing)) target.entries.set(key, value);
  }
  checkListSize(target.entries.size);
}

function deepCopy(value: Value, meter: Meter, depth = 0): Value {
  checkValueDepth(depth);
  meter.spend(10);
  if (value instanceof GoList) {
    return new GoList(
      value.type,
      value.items.map((item) => deepCopy(item, meter, depth + 1)),
      value.isNil,
    );
  }
  if (value instanceof GoMap) {
    const entries = [...value.entries].map(([key, item]) => [key, deepCopy(item, meter, depth + 1)] as const);
    return new GoMap(value.type, new Map(entries), value.isNil);
  }
  return value;
}

/** `dig "a" "b" default dict`. */
function dig(values: readonly Value[]): Value {
  if (values.length < 3) throw new TemplateFailure('dig needs at least three arguments');
  let value: Value = values.at(-1);
  for (const key of values.slice(0, -2)) {
    if (!(value instanceof GoMap) || value.type !== map) {
      throw new TemplateFailure(`dig goes through dictionaries; found ${typeName(value)}`);
    }
    if (typeof key !== 'string')
      throw new TemplateFailure(`a key of dig is a string; found ${typeName(key)}`);
    if (!value.entries.has(key)) return values.at(-2);
    value = value.entries.get(key);
  }
  return value;
}
