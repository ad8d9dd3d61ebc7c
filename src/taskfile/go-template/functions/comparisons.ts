import { deepEqual } from '../equality.ts';
import { TemplateFailure } from '../failure.ts';
import {
  GoList,
  GoMap,
  GoObject,
  type Value,
  compareStrings,
  integerOf,
  kindName,
  typeName,
} from '../values.ts';
import { type FunctionTable, define, variadic } from './define.ts';

/** `eq`, `ne`, `lt`, `le`, `gt` and `ge` of text/template, and `deepEqual` of sprig. */
export const comparisons: FunctionTable = {
  eq: variadic(['value'], 'value', (_, others, value) => {
    if (others.length === 0) throw new TemplateFailure('missing argument for comparison');
    return others.some((other) => isEqual(value, other));
  }),
  ne: define(['value', 'value'], (_, a, b) => !isEqual(a, b)),
  lt: define(['value', 'value'], (_, a, b) => compare(a, b) < 0),
  le: define(['value', 'value'], (_, a, b) => compare(a, b) <= 0),
  gt: define(['value', 'value'], (_, a, b) => !(compare(a, b) <= 0)),
  ge: define(['value', 'value'], (_, a, b) => !(compare(a, b) < 0)),
  deepEqual: define(['interface {}', 'interface {}'], ({ meter }, a, b) => deepEqual(a, b, meter)),
};

type BasicKind = 'bool' | 'int' | 'float' | 'string' | 'other';

function basicKind(value: Value): BasicKind {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'string';
  return integerOf(value) === undefined ? 'other' : 'int';
}

const isNil = (value: Value) =>
  value === undefined ||
  value === null ||
  ((value instanceof GoList || value instanceof GoMap) && value.isNil);

function isEqual(a: Value, b: Value): boolean {
  const kind = basicKind(a);
  const isMissing = a === undefined || a === null || b === undefined || b === null;
  if (kind !== basicKind(b)) {
    if (isMissing) return false;
    throw new TemplateFailure(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  }
  if (kind === 'int') return integerOf(a) === integerOf(b);
  if (kind !== 'other') return a === b;
  if (!isMissing && kindName(a) !== kindName(b)) {
    throw new TemplateFailure(`non-comparable types ${typeName(a)} and ${typeName(b)}`);
  }
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  if (a instanceof GoObject && b instanceof GoObject) {
    return a.kind === 'ptr' ? a === b : a.type === b.type && a.equals(b);
  }
  throw new TemplateFailure(`non-comparable type ${typeName(a)}`);
}

/** Negative, zero or positive; NaN when neither is less nor are they equal. */
function compare(a: Value, b: Value): number {
  const kinds = [basicKind(a), basicKind(b)];
  if (kinds.includes('other')) throw new TemplateFailure('invalid type for comparison');
  if (kinds[0] !== kinds[1]) {
    throw new TemplateFailure(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  }
  if (typeof a === 'boolean') throw new TemplateFailure('invalid type for comparison');
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (typeof a === 'number' && typeof b === 'number')
    return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
  const [x, y] = [integerOf(a) ?? 0n, integerOf(b) ?? 0n];
  return x < y ? -1 : x > y ? 1 : 0;
}
