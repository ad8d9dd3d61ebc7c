import { isInt64, parseFloatLiteral, parseInteger } from '../literals.ts';
import { type Value, integerOf } from '../values.ts';

const least = -(1n << 63n);

/** A value as an integer of 64 bits, as sprig takes it: 0 for what is no number. */
export function toInt(value: Value): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') {
    // Go on amd64 gives the least integer for what does not fit.
    if (!Number.isFinite(value)) return least;
    const whole = BigInt(Math.trunc(value));
    return isInt64(whole) ? whole : least;
  }
  if (typeof value === 'string') {
    const integer = parseInteger(value.replace(/\.0+$/, ''));
    return integer !== undefined && isInt64(integer) ? integer : 0n;
  }
  return BigInt.asIntN(64, integerOf(value) ?? 0n);
}

/** A value as a float, as sprig takes it: 0 for what is no number. */
export function toFloat(value: Value): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return Number(integerOf(value) ?? 0n);
  if (/^[+-]?(?:inf|infinity)$/i.test(value)) return value.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(value)) return Number.NaN;
  const float = parseFloatLiteral(value) ?? 0;
  return Number.isFinite(float) ? float : 0;
}
