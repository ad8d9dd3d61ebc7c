import { TemplateFailure } from '../failure.ts';

/** A decimal number without limit: coefficient × 10^-scale. sprig adds floats this way, so 0.1 + 0.2 is 0.3. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly scale: number;
}

/** Digits after the point of a quotient. */
const divisionScale = 16;

/** The shortest decimal that tells the float apart. */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new TemplateFailure(`cannot calculate with ${value}`);
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const scale = fraction.length - Number(exponent);
  const coefficient = BigInt(whole + fraction);
  return scale < 0 ? { coefficient: coefficient * 10n ** BigInt(-scale), scale: 0 } : { coefficient, scale };
}

export const numberOf = ({ coefficient, scale }: Decimal): number => Number(`${coefficient}e${-scale}`);

function align(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [
    a.coefficient * 10n ** BigInt(scale - a.scale),
    b.coefficient * 10n ** BigInt(scale - b.scale),
    scale,
  ];
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = align(a, b);
  return { coefficient: x + y, scale };
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { ...b, coefficient: -b.coefficient });
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = a.scale + b.scale;
  if (scale > 100_000) throw new TemplateFailure('mulf: the result has too many digits');
  return { coefficient: a.coefficient * b.coefficient, scale };
}

/** Rounds half away from zero. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.coefficient === 0n) throw new TemplateFailure('decimal division by 0');
  const [x, y] = align(a, b);
  const scaled = x * 10n ** BigInt(divisionScale);
  const quotient = scaled / y;
  const remainder = scaled % y;
  const isUp = absolute(remainder) * 2n >= absolute(y);
  const away = x < 0n !== y < 0n ? -1n : 1n;
  return { coefficient: isUp ? quotient + away : quotient, scale: divisionScale };
}

const absolute = (value: bigint) => (value < 0n ? -value : value);
