/** Digits of a float with the place of the point: `0.d1d2d3… × 10^point`, as strconv of Go has them. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/**
 * A float as strconv.FormatFloat of Go writes it.
 * @param precision digits after the point (`e`, `f`) or in all (`g`); undefined for as few as tell it apart.
 */
export function formatFloat(value: number, format: 'e' | 'f' | 'g', precision?: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return sign + formatAbsolute(Math.abs(value), format, precision);
}

function formatAbsolute(value: number, format: 'e' | 'f' | 'g', precision: number | undefined): string {
  if (format === 'f') return plain(value, precision);
  if (format === 'e') {
    const decimal = precision === undefined ? shortest(value) : rounded(value, precision + 1);
    return exponential(decimal, precision ?? decimal.digits.length - 1);
  }
  const significant = precision === 0 ? 1 : precision;
  const decimal = trimmed(significant === undefined ? shortest(value) : rounded(value, significant));
  const { digits, point } = decimal;
  let limit = significant ?? 6;
  if (significant !== undefined && limit > digits.length && digits.length >= point) limit = digits.length;
  const exponent = value === 0 ? 0 : point - 1;
  if (exponent < -4 || exponent >= limit) return exponential(decimal, digits.length - 1);
  return withPoint(decimal, Math.max(digits.length - point, 0));
}

function plain(value: number, precision: number | undefined): string {
  if (precision === undefined) {
    const decimal = shortest(value);
    return withPoint(decimal, value === 0 ? 0 : Math.max(decimal.digits.length - decimal.point, 0));
  }
  const digits = scaled(value, precision)
    .toString()
    .padStart(precision + 1, '0');
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

function shortest(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

function rounded(value: number, count: number): Decimal {
  if (value === 0) return { digits: '0'.repeat(count), point: 1 };
  const { point } = shortest(value);
  const digits = scaled(value, count - point).toString();
  // 9.99 became 10.0
  if (digits.length > count) return { digits: digits.slice(0, count), point: point + 1 };
  return { digits, point };
}

function trimmed({ digits, point }: Decimal): Decimal {
  return { digits: digits.replace(/0+$/, '') || '0', point };
}

function exponential({ digits, point }: Decimal, precision: number): string {
  const exponent = /^0*$/.test(digits) ? 0 : point - 1;
  const fraction = precision > 0 ? `.${digits.slice(1).padEnd(precision, '0')}` : '';
  const size = Math.abs(exponent).toString().padStart(2, '0');
  return `${digits[0] ?? '0'}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
}

function withPoint({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (precision === 0) return whole;
  const fraction = '0'.repeat(Math.max(-point, 0)) + digits.slice(Math.max(point, 0));
  return `${whole}.${fraction.padEnd(precision, '0')}`;
}

/** value × 10^decimals, rounded half to even, exactly. */
function scaled(value: number, decimals: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  let numerator = biased === 0 ? fraction : fraction | (1n << 52n);
  let denominator = 1n;
  const exponent = (biased === 0 ? 1 : biased) - 1075;
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (decimals >= 0) numerator *= 10n ** BigInt(decimals);
  else denominator *= 10n ** BigInt(-decimals);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}
