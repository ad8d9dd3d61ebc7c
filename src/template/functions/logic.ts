import { isArray, isEqual } from '../json.ts';
import { Arguments, many, pure, type FunctionTable } from './arguments.ts';
import { textOf } from './text.ts';

/** Functions on numbers and flags, and comparisons. `if`, `and`, `or` and `coalesce` are in `evaluate.ts`. */
export const logicFunctions: FunctionTable = {
  add: pure(2, 2, (args) => args.int(0) + args.int(1)),
  bool: pure(1, 1, bool),
  div: pure(2, 2, (args) => Math.trunc(args.int(0) / divisor(args))),
  equals: pure(2, 2, (args) => isEqual(args.any(0), args.any(1))),
  false: pure(0, 0, () => false),
  float: pure(1, 1, (args) => number(args, Number(args.any(0)))),
  greater: pure(2, 2, (args) => compare(args) > 0),
  greaterOrEquals: pure(2, 2, (args) => compare(args) >= 0),
  int: pure(1, 1, (args) => Math.trunc(number(args, Number(textOf(args.any(0)) || Number.NaN)))),
  less: pure(2, 2, (args) => compare(args) < 0),
  lessOrEquals: pure(2, 2, (args) => compare(args) <= 0),
  max: pure(1, many, (args) => numbers(args).reduce((a, b) => Math.max(a, b))),
  min: pure(1, many, (args) => numbers(args).reduce((a, b) => Math.min(a, b))),
  mod: pure(2, 2, (args) => args.int(0) % divisor(args)),
  mul: pure(2, 2, (args) => args.int(0) * args.int(1)),
  not: pure(1, 1, (args) => !args.bool(0)),
  null: pure(0, 0, () => null),
  sub: pure(2, 2, (args) => args.int(0) - args.int(1)),
  true: pure(0, 0, () => true),
};

function bool(args: Arguments): boolean {
  const value = args.any(0);
  if (typeof value === 'number') return value !== 0;
  const text = textOf(value).toLowerCase();
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  return args.fail("needs 'true' or 'false', 1 or 0");
}

function number(args: Arguments, value: number): number {
  return Number.isFinite(value) ? value : args.fail('needs a number, or a text that is one');
}

function divisor(args: Arguments): number {
  return args.int(1) === 0 ? args.fail('cannot divide by 0') : args.int(1);
}

function compare(args: Arguments): number {
  const [a, b] = [args.any(0), args.any(1)];
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return args.int(0) - args.int(1);
}

function numbers(args: Arguments): number[] {
  const list = isArray(args.any(0)) ? new Arguments(args.name, args.array(0)) : args;
  if (list.count === 0) args.fail('needs at least one number');
  return list.all.map((_, index) => list.int(index));
}
