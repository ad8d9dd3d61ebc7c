import { formatFloat } from './format-float.ts';
import { type Meter, checkStringSize, checkValueDepth } from './meter.ts';
import { GoList, GoMap, GoObject, SizedInt, type Value, sortedEntries } from './values.ts';

/** A value as `%v` of Go's fmt prints it: `map[a:1 b:2]`, `[1 2]`, `<nil>`. */
export function printed(value: Value, meter: Meter): string {
  return printedWith(value, meter, printedScalar);
}

/** A value that holds no others. */
export type Scalar = Exclude<Value, GoList | GoMap>;

/** Prints lists and dictionaries around what `scalar` prints. */
export function printedWith(
  value: Value,
  meter: Meter,
  scalar: (value: Scalar) => string,
  depth = 0,
): string {
  checkValueDepth(depth);
  meter.spend(1);
  let text: string;
  if (value instanceof GoList) {
    text = `[${value.items.map((item) => printedWith(item, meter, scalar, depth + 1)).join(' ')}]`;
  } else if (value instanceof GoMap) {
    const entries = sortedEntries(value).map(
      ([key, item]) => `${scalar(key)}:${printedWith(item, meter, scalar, depth + 1)}`,
    );
    text = `map[${entries.join(' ')}]`;
  } else text = scalar(value);
  checkStringSize(text.length);
  meter.spend(text.length);
  return text;
}

export function printedScalar(value: Scalar): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'number') return formatFloat(value, 'g');
  if (value instanceof SizedInt) return value.value.toString();
  if (value instanceof GoObject) return value.toString();
  return String(value);
}

/** fmt.Sprint: spaces only between two operands that are no strings. */
export function sprint(values: readonly Value[], meter: Meter): string {
  let text = '';
  values.forEach((value, index) => {
    const isApart = index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string';
    text += (isApart ? ' ' : '') + printed(value, meter);
    checkStringSize(text.length);
  });
  return text;
}
