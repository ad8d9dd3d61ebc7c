import { TemplateFailure } from './failure.ts';
import { type Meter, checkStringSize } from './meter.ts';
import { printed } from './print.ts';
import { formatVerb } from './printf-verbs.ts';
import { type Value, integerOf, typeName } from './values.ts';

/** `%[flags][width][.precision]verb`. */
export interface Directive {
  readonly verb: string;
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

const maxWidth = 1_000_000;

/** fmt.Sprintf of Go, with what it prints for wrong verbs and missing or extra operands. */
export function sprintf(format: string, operands: readonly Value[], meter: Meter): string {
  const pattern =
    /%(?<flags>[-+# 0]*)(?:\[(?<widthIndex>\d+)\](?=\*))?(?<width>\d+|\*)?(?:\.(?:\[(?<precisionIndex>\d+)\](?=\*))?(?<precision>\d+|\*)?(?<point>))?(?:\[(?<index>\d+)\])?(?<verb>.)?/gsu;
  let next = 0;
  let isReordered = false;
  let text = '';
  let from = 0;
  const jump = (index: string | undefined) => {
    if (index === undefined) return;
    next = Number(index) - 1;
    isReordered = true;
  };
  const number = (written: string | undefined, index: string | undefined) => {
    jump(index);
    if (written === undefined || written !== '*') return { value: written && Number(written), isBad: false };
    const value = integerOf(operands[next++]);
    const isBad = value === undefined || value > maxWidth || value < -maxWidth;
    return { value: isBad ? undefined : Number(value), isBad };
  };
  for (const match of format.matchAll(pattern)) {
    text += format.slice(from, match.index);
    from = match.index + match[0].length;
    const { flags = '', verb, point } = match.groups ?? {};
    const width = number(match.groups?.['width'], match.groups?.['widthIndex']);
    const precision = number(match.groups?.['precision'], match.groups?.['precisionIndex']);
    jump(match.groups?.['index']);
    if (width.isBad) text += '%!(BADWIDTH)';
    if (precision.isBad) text += '%!(BADPREC)';
    const isNegative = typeof width.value === 'number' && width.value < 0;
    const minus = flags.includes('-') || isNegative;
    const directive = {
      verb: verb ?? '',
      plus: flags.includes('+'),
      minus,
      sharp: flags.includes('#'),
      space: flags.includes(' '),
      zero: flags.includes('0') && !minus,
      width: typeof width.value === 'number' ? Math.abs(width.value) : undefined,
      precision: precisionOf(precision, point),
    };
    if ((directive.width ?? 0) > maxWidth || (directive.precision ?? 0) > maxWidth) {
      throw new TemplateFailure(`printf: ${match[0]} asks for more than ${maxWidth} characters`);
    }
    if (verb === undefined) text += '%!(NOVERB)';
    else if (verb === '%') text += '%';
    else if (isReordered && (next < 0 || next >= operands.length)) text += `%!${verb}(BADINDEX)`;
    else if (next >= operands.length) text += `%!${verb}(MISSING)`;
    else text += formatVerb(operands[next++], directive, meter);
    meter.spend(directive.width ?? 0);
    checkStringSize(text.length);
  }
  text += format.slice(from);
  if (isReordered || next >= operands.length) return text;
  const extra = operands
    .slice(next)
    .map((value) =>
      value === undefined || value === null ? '<nil>' : `${typeName(value)}=${printed(value, meter)}`,
    );
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function precisionOf(
  given: { value: number | string | undefined; isBad: boolean },
  point: string | undefined,
) {
  // A negative precision counts as none, a point alone as 0.
  if (typeof given.value === 'number') return given.value < 0 ? undefined : given.value;
  return point === undefined || given.isBad ? undefined : 0;
}
