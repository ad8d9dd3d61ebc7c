import { deepEqual } from '../equality.ts';
import { TemplateFailure } from '../failure.ts';
import { checkListSize } from '../meter.ts';
import { GoList, type Value, compareStrings, kindName, list, nilList, strings } from '../values.ts';
import { isEmpty } from './defaults.ts';
import {
  type FunctionContext,
  type FunctionTable,
  type TemplateFunction,
  define,
  variadic,
} from './define.ts';
import { toInt } from './numbers.ts';
import { stringOf, stringsOf } from './text.ts';

/** sprig's functions of lists. They never change a list, they make another. */
const functions = {
  list: variadic([], 'interface {}', (_, values) => list(values)),
  first: onList('find first', (items) => items[0] ?? null),
  last: onList('find last', (items) => items.at(-1) ?? null),
  rest: onList('find rest', (items) => (items.length === 0 ? nilList() : list(items.slice(1)))),
  initial: onList('find initial', (items) => (items.length === 0 ? nilList() : list(items.slice(0, -1)))),
  reverse: onList('find reverse', (items) => list(items.toReversed())),
  compact: onList('compact', (items) => list(items.filter((item) => !isEmpty(item)))),
  uniq: onList('find uniq', (items, context) => list(unique(context, items))),
  append: define(['interface {}', 'interface {}'], (_, given, item) =>
    sized([...itemsOf(given, 'push'), item]),
  ),
  prepend: define(['interface {}', 'interface {}'], (_, given, item) =>
    sized([item, ...itemsOf(given, 'prepend')]),
  ),
  concat: variadic([], 'interface {}', ({ meter }, lists) => {
    const items = lists.flatMap((each) => {
      const more = itemsOf(each, 'concat');
      meter.spend(more.length);
      return more;
    });
    return items.length === 0 ? nilList() : sized(items);
  }),
  without: variadic(['interface {}'], 'interface {}', (context, omitted, given) =>
    list(itemsOf(given, 'find without').filter((item) => !includes(context, omitted, item))),
  ),
  has: define(['interface {}', 'interface {}'], (context, needle, haystack) =>
    haystack === null ? false : includes(context, itemsOf(haystack, 'find has'), needle),
  ),
  slice: variadic(['interface {}'], 'interface {}', (_, indices, given) => slice(given, indices)),
  chunk: define(['int', 'interface {}'], (_, size, given) => chunk(Number(size), itemsOf(given, 'chunk'))),
  sortAlpha: define(['interface {}'], ({ meter }, given) => {
    if (!(given instanceof GoList)) return strings([stringOf(given, meter)]);
    meter.spend(given.items.length * 20);
    return strings(stringsOf(given, meter).toSorted(compareStrings));
  }),
} satisfies FunctionTable;

const { list: _list, concat: _concat, sortAlpha: _sortAlpha, ...withMust } = functions;

export const lists: FunctionTable = {
  ...functions,
  tuple: functions.list,
  push: functions.append,
  mustPush: functions.append,
  ...Object.fromEntries(
    Object.entries(withMust).map(([name, each]) => [
      `must${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`,
      each,
    ]),
  ),
};

function onList(
  verb: string,
  run: (items: readonly Value[], context: FunctionContext) => Value,
): TemplateFunction {
  return define(['interface {}'], (context, given) => {
    const items = itemsOf(given, verb);
    context.meter.spend(items.length);
    return run(items, context);
  });
}

function itemsOf(given: Value, verb: string): readonly Value[] {
  if (given instanceof GoList) return given.items;
  const kind = given === null || given === undefined ? 'nil' : kindName(given);
  throw new TemplateFailure(`Cannot ${verb} on type ${kind}`);
}

function sized(items: readonly Value[]): GoList {
  checkListSize(items.length);
  return list(items);
}

const includes = ({ meter }: FunctionContext, items: readonly Value[], needle: Value) =>
  items.some((item) => deepEqual(item, needle, meter));

function unique(context: FunctionContext, items: readonly Value[]): Value[] {
  const found: Value[] = [];
  for (const item of items) if (!includes(context, found, item)) found.push(item);
  return found;
}

function slice(given: Value, indices: readonly Value[]): Value {
  if (!(given instanceof GoList)) {
    throw new TemplateFailure(`list should be type of slice or array but ${kindName(given)}`);
  }
  const { length } = given.items;
  if (length === 0) return null;
  const start = indices.length > 0 ? Number(toInt(indices[0])) : 0;
  const end = indices.length > 1 ? Number(toInt(indices[1])) : length;
  if (start < 0 || end > length || start > end) {
    throw new TemplateFailure(`slice ${start} to ${end} is out of range; the list has ${length} items`);
  }
  return new GoList(given.type, given.items.slice(start, end));
}

function chunk(size: number, items: readonly Value[]): Value {
  if (size <= 0) throw new TemplateFailure(`the size of a chunk is ${size}; it must be 1 or more`);
  const chunks = Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    list(items.slice(index * size, (index + 1) * size)),
  );
  return new GoList('[][]interface {}', chunks);
}
