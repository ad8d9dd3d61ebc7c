import { TemplateFailure } from './failure.ts';
import { formatFloat } from './format-float.ts';
import { type Meter, checkValueDepth } from './meter.ts';
import { type Scalar, printed, printedScalar, printedWith } from './print.ts';
import type { Directive } from './printf.ts';
import { isPrintable, quoted } from './quote.ts';
import { GoList, GoMap, GoObject, type Value, integerOf, sortedEntries, typeName } from './values.ts';

/** One operand as its directive asks; a verb that does not fit prints `%!d(string=x)`. */
export function formatVerb(value: Value, directive: Directive, meter: Meter): string {
  const { verb, sharp } = directive;
  if (verb === 'T') return pad(typeName(value), directive);
  if (value === undefined || value === null) {
    return verb === 'v' ? pad('<nil>', directive) : `%!${verb}(<nil>)`;
  }
  if (verb === 'v' && sharp) return goSyntax(value, meter);
  return printedWith(value, meter, (scalar) => formatScalar(scalar, directive, meter));
}

function formatScalar(value: Scalar, directive: Directive, meter: Meter): string {
  const { verb } = directive;
  const bad = () => `%!${verb}(${typeName(value)}=${printed(value, meter)})`;
  // A nil inside of a list or dictionary prints the same for every verb.
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'boolean') return verb === 't' || verb === 'v' ? pad(String(value), directive) : bad();
  if (typeof value === 'number') return formatNumber(value, directive) ?? bad();
  const integer = integerOf(value);
  if (integer !== undefined) return formatInteger(integer, directive) ?? bad();
  const text = value instanceof GoObject ? value.toString() : printedScalar(value);
  return formatString(text, directive) ?? bad();
}

function formatString(text: string, directive: Directive): string | undefined {
  const { verb, precision, sharp, plus } = directive;
  const cut = precision === undefined ? text : [...text].slice(0, precision).join('');
  switch (verb) {
    case 's':
    case 'v':
      return pad(cut, directive);
    case 'q':
      if (sharp && !/[`\p{Cc}]/u.test(cut.replaceAll('\t', ''))) return pad(`\`${cut}\``, directive);
      return pad(quoted(cut, { ascii: plus }), directive);
    case 'x':
    case 'X':
      return pad(hexOf(text, directive), directive);
    default:
      return undefined;
  }
}

function hexOf(text: string, { verb, precision, sharp, space }: Directive): string {
  const bytes = [...Buffer.from(text).subarray(0, precision)].map((byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  const prefix = sharp ? '0x' : '';
  const joined = space
    ? bytes.map((byte) => prefix + byte).join(' ')
    : (bytes.length > 0 ? prefix : '') + bytes.join('');
  return verb === 'X' ? joined.toUpperCase() : joined;
}

const bases: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
const prefixes: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' };

function formatInteger(value: bigint, directive: Directive): string | undefined {
  const { verb, plus, space, sharp, zero, precision, width } = directive;
  if (verb === 'c' || verb === 'q' || verb === 'U') return formatCodePoint(value, directive);
  const base = Object.hasOwn(bases, verb) ? bases[verb] : undefined;
  if (base === undefined) return undefined;
  const sign = value < 0n ? '-' : plus ? '+' : space ? ' ' : '';
  let digits = (value < 0n ? -value : value).toString(base);
  if (precision === 0 && value === 0n) return pad('', { ...directive, zero: false });
  if (precision !== undefined) digits = digits.padStart(precision, '0');
  else if (zero && width !== undefined) digits = digits.padStart(width - sign.length, '0');
  let prefix = sharp && Object.hasOwn(prefixes, verb) ? (prefixes[verb] ?? '') : '';
  if (prefix === '0' && digits.startsWith('0')) prefix = '';
  if (verb === 'O') prefix = '0o';
  return pad(sign + prefix + (verb === 'X' ? digits.toUpperCase() : digits), { ...directive, zero: false });
}

function formatCodePoint(value: bigint, directive: Directive): string {
  const { verb, sharp, plus } = directive;
  const isValid = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value < 0xe000n);
  const char = String.fromCodePoint(isValid ? Number(value) : 0xfffd);
  if (verb === 'c') return pad(char, directive);
  if (verb === 'q') return pad(quoted(char, { ascii: plus, quote: "'" }), directive);
  const code = `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  return pad(sharp && isPrintable(char) ? `${code} '${char}'` : code, { ...directive, zero: false });
}

function formatNumber(value: number, directive: Directive): string | undefined {
  const { verb, precision, plus, space, zero, width } = directive;
  if ('xXb'.includes(verb)) throw new TemplateFailure(`printf: %${verb} of a float is not supported`);
  if (!'eEfFgGv'.includes(verb)) return undefined;
  if ((precision ?? 0) > 100) throw new TemplateFailure('printf: a float has at most 100 digits here');
  const isG = verb === 'v' || verb === 'g' || verb === 'G';
  const format = isG ? 'g' : verb === 'e' || verb === 'E' ? 'e' : 'f';
  let text = formatFloat(value, format, precision ?? (isG ? undefined : 6));
  if (verb === 'E' || verb === 'G') text = text.replace('e', 'E');
  if (text === '+Inf' && !plus) text = text.slice(1);
  else if (plus && !/^[-+]/.test(text)) text = `+${text}`;
  if (space && !plus && !text.startsWith('-')) text = ` ${text}`;
  if (!zero || width === undefined || !Number.isFinite(value))
    return pad(text, { ...directive, zero: false });
  const sign = /^[-+ ]?/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

function pad(text: string, { width, minus, zero }: Directive): string {
  const missing = (width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text;
}

/** `%#v`. */
function goSyntax(value: Value, meter: Meter, depth = 0): string {
  checkValueDepth(depth);
  meter.spend(10);
  if (value === undefined || value === null) return depth === 0 ? '<nil>' : 'interface {}(nil)';
  if (typeof value === 'string') return quoted(value);
  if (value instanceof GoObject) return value.toString();
  if (value instanceof GoList) {
    if (value.isNil) return `${value.type}(nil)`;
    return `${value.type}{${value.items.map((item) => goSyntax(item, meter, depth + 1)).join(', ')}}`;
  }
  if (value instanceof GoMap) {
    const entries = sortedEntries(value).map(
      ([key, item]) => `${quoted(key)}:${goSyntax(item, meter, depth + 1)}`,
    );
    return `${value.type}{${entries.join(', ')}}`;
  }
  return printedScalar(value);
}
