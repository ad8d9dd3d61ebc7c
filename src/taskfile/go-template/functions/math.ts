import { TemplateFailure } from '../failure.ts';
import { type Meter, checkListSize } from '../meter.ts';
import { printed } from '../print.ts';
import { GoList, type Value, int64 } from '../values.ts';
import {
  type Decimal,
  addDecimals,
  decimalOf,
  divideDecimals,
  multiplyDecimals,
  numberOf,
  subtractDecimals,
} from './decimal.ts';
import { type FunctionTable, type TemplateFunction, define, variadic } from './define.ts';
import { toFloat, toInt } from './numbers.ts';

const max = extreme((a, b) => b > a);
const min = extreme((a, b) => b < a);

/** sprig's functions of numbers. */
export const math: FunctionTable = {
  int: define(['interface {}'], (_, value) => toInt(value)),
  int64: define(['interface {}'], (_, value) => int64(toInt(value))),
  float64: define(['interface {}'], (_, value) => toFloat(value)),
  atoi: define(['string'], (_, text) =>
    /^[+-]?\d{1,400}$/.test(text) ? clamp(BigInt(text.replace('+', ''))) : 0n,
  ),
  toDecimal: define(['interface {}'], ({ meter }, value) => {
    const text = printed(value, meter);
    if (!/^[+-]?[0-7]{1,22}$/.test(text)) return int64(0n);
    const octal = BigInt(`0o${text.replace(/^[+-]/, '')}`);
    const signed = text.startsWith('-') ? -octal : octal;
    return int64(clamp(signed) === signed ? signed : 0n);
  }),
  add1: define(['interface {}'], (_, value) => int64(toInt(value) + 1n)),
  add: variadic([], 'interface {}', (_, values) =>
    int64(values.reduce((sum: bigint, value) => sum + toInt(value), 0n)),
  ),
  sub: define(['interface {}', 'interface {}'], (_, a, b) => int64(toInt(a) - toInt(b))),
  mul: variadic(['interface {}'], 'interface {}', (_, more, first) =>
    int64(more.reduce((product: bigint, value) => BigInt.asIntN(64, product * toInt(value)), toInt(first))),
  ),
  div: define(['interface {}', 'interface {}'], (_, a, b) => int64(toInt(a) / divisor(b))),
  mod: define(['interface {}', 'interface {}'], (_, a, b) => int64(toInt(a) % divisor(b))),
  max,
  biggest: max,
  min,
  maxf: variadic(['interface {}'], 'interface {}', (_, more, first) =>
    Math.max(...[first, ...more].map(toFloat)),
  ),
  minf: variadic(['interface {}'], 'interface {}', (_, more, first) =>
    Math.min(...[first, ...more].map(toFloat)),
  ),
  add1f: define(['interface {}'], ({ meter }, value) => exact(meter, value, [1n], addDecimals)),
  addf: variadic([], 'interface {}', ({ meter }, values) => exact(meter, 0, values, addDecimals)),
  subf: variadic(['interface {}'], 'interface {}', ({ meter }, more, first) =>
    exact(meter, first, more, subtractDecimals),
  ),
  mulf: variadic(['interface {}'], 'interface {}', ({ meter }, more, first) =>
    exact(meter, first, more, multiplyDecimals),
  ),
  divf: variadic(['interface {}'], 'interface {}', ({ meter }, more, first) =>
    exact(meter, first, more, divideDecimals),
  ),
  ceil: define(['interface {}'], (_, value) => Math.ceil(toFloat(value))),
  floor: define(['interface {}'], (_, value) => Math.floor(toFloat(value))),
  round: variadic(['interface {}', 'int'], 'float64', (_, more, value, places) =>
    round(toFloat(value), Number(places), more[0] ?? 0.5),
  ),
  until: define(['int'], (_, count) => integers(0n, count, count < 0n ? -1n : 1n)),
  untilStep: define(['int', 'int', 'int'], (_, start, stop, step) => integers(start, stop, step)),
  seq: variadic([], 'int', (_, values) => sequence(values)),
};

const clamp = (value: bigint): bigint => {
  const greatest = (1n << 63n) - 1n;
  if (value > greatest) return greatest;
  return value < -greatest - 1n ? -greatest - 1n : value;
};

function divisor(value: Value): bigint {
  const by = toInt(value);
  if (by === 0n) throw new TemplateFailure('integer divide by zero');
  return by;
}

function extreme(isBetter: (best: bigint, other: bigint) => boolean): TemplateFunction {
  return variadic(['interface {}'], 'interface {}', (_, more, first) =>
    int64(more.map(toInt).reduce((best, other) => (isBetter(best, other) ? other : best), toInt(first))),
  );
}

function exact(
  meter: Meter,
  first: Value,
  more: readonly Value[],
  operate: (a: Decimal, b: Decimal) => Decimal,
): number {
  meter.spend(more.length * 200);
  return numberOf(more.map((value) => decimalOf(toFloat(value))).reduce(operate, decimalOf(toFloat(first))));
}

function round(value: number, places: number, roundOn: number): number {
  const power = 10 ** places;
  const digit = power * value;
  const fraction = digit - Math.trunc(digit);
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power;
}

function numbers(start: bigint, stop: bigint, step: bigint): bigint[] {
  if (stop < start ? step >= 0n : step <= 0n) return [];
  const distance = stop < start ? start - stop : stop - start;
  const stride = step < 0n ? -step : step;
  const count = Number((distance + stride - 1n) / stride);
  checkListSize(count);
  return Array.from({ length: count }, (_, index) => start + BigInt(index) * step);
}

const integers = (start: bigint, stop: bigint, step: bigint) =>
  new GoList('[]int', numbers(start, stop, step));

/** `seq end`, `seq start end` and `seq start step end`, the end included. */
function sequence(values: readonly bigint[]): string {
  if (values.length === 0 || values.length > 3) return '';
  const start = values.length === 1 ? 1n : (values[0] ?? 0n);
  const end = values.at(-1) ?? 0n;
  const direction = end < start ? -1n : 1n;
  const step = values.length === 3 ? (values[1] ?? 0n) : direction;
  if (values.length === 3 && direction < 0n && step > 0n) return '';
  return numbers(start, end + direction, step).join(' ');
}
