import type { Meter } from '../meter.ts';
import { printed } from '../print.ts';
import { GoList, type Value } from '../values.ts';

/** A value as text, as sprig's `toString` makes it. */
export const stringOf = (value: Value, meter: Meter): string =>
  typeof value === 'string' ? value : printed(value, meter);

/** The items of a list as texts, without nils; another value is its own text. */
export function stringsOf(value: Value, meter: Meter): string[] {
  if (value === null || value === undefined) return [];
  const items = value instanceof GoList ? value.items : [value];
  return items.filter((item) => item !== null && item !== undefined).map((item) => stringOf(item, meter));
}
