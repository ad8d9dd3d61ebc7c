import { TemplateFailure } from './failure.ts';

const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
};

/** The text of a Go string literal in double quotes or back quotes, or of a character constant. */
export function unquote(literal: string, offset: number): string {
  const quote = literal[0];
  const inside = literal.slice(1, -1);
  if (quote === '`') return inside.replaceAll('\r', '');
  const bytes: Buffer[] = [];
  const part =
    /\\(?:x(?<byte>[\da-fA-F]{2})|u(?<short>[\da-fA-F]{4})|U(?<long>[\da-fA-F]{8})|(?<octal>[0-7]{3})|(?<simple>.))|(?<plain>[^\\]+)/gsuy;
  let end = 0;
  for (const match of inside.matchAll(part)) {
    end = match.index + match[0].length;
    const { byte, short, long, octal, simple, plain } = match.groups ?? {};
    const code = Number.parseInt(byte ?? short ?? long ?? '', 16);
    if (plain !== undefined) bytes.push(Buffer.from(plain));
    else if (byte !== undefined) bytes.push(Buffer.of(code));
    else if (octal !== undefined && Number.parseInt(octal, 8) < 256) {
      bytes.push(Buffer.of(Number.parseInt(octal, 8)));
    } else if (!Number.isNaN(code) && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000)) {
      bytes.push(Buffer.from(String.fromCodePoint(code)));
    } else if (simple !== undefined && isEscape(simple, quote)) {
      bytes.push(Buffer.of(simpleEscapes[simple] ?? 0));
    } else
      throw new TemplateFailure(`${literal} holds ${match[0]}, which is no escape sequence of Go`, offset);
  }
  if (end !== inside.length) throw new TemplateFailure(`${literal} ends within an escape sequence`, offset);
  return Buffer.concat(bytes).toString();
}

const isEscape = (letter: string, quote: string | undefined) =>
  Object.hasOwn(simpleEscapes, letter) && !(letter !== quote && (letter === '"' || letter === "'"));

const integer =
  /^(?<sign>[+-]?)(?<digits>0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|[1-9](?:_?\d)*|0)$/;
const decimalFloat = /^[+-]?(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?$/;
const hexFloat =
  /^(?<sign>[+-]?)0[xX]_?(?<whole>[\da-fA-F_]*)\.?(?<fraction>[\da-fA-F_]*)[pP](?<exponent>[+-]?\d+)$/;

/** Longer ones are no numbers: reading them takes time that grows faster than they do. */
const maxNumberChars = 400;

/** The integer that a literal of Go writes (`12`, `0x1F`, `0o17`, `017`, `1_000`), or undefined. */
export function parseInteger(text: string): bigint | undefined {
  if (text.length > maxNumberChars) return undefined;
  const { sign, digits } = integer.exec(text)?.groups ?? {};
  if (digits === undefined) return undefined;
  const plain = digits.replaceAll('_', '');
  const value = BigInt(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain);
  return sign === '-' ? -value : value;
}

/** The float that a literal of Go writes, or undefined. */
export function parseFloatLiteral(text: string): number | undefined {
  if (text.length > maxNumberChars) return undefined;
  if (decimalFloat.test(text)) return Number(text.replaceAll('_', ''));
  const { sign, whole = '', fraction = '', exponent } = hexFloat.exec(text)?.groups ?? {};
  const mantissa = (whole + fraction).replaceAll('_', '');
  if (exponent === undefined || mantissa === '') return undefined;
  const value =
    Number.parseInt(mantissa, 16) * 2 ** (Number(exponent) - 4 * fraction.replaceAll('_', '').length);
  return sign === '-' ? -value : value;
}

/** Whether an integer fits an int64. */
export const isInt64 = (value: bigint): boolean => value === BigInt.asIntN(64, value);
