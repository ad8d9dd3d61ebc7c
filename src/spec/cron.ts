import { monthNames, nameIndex, weekdayNames } from './cron-names.ts';
import { nextOccurrence } from './occurrences.ts';

interface Field {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Names of the values from `minimum` on. */
  readonly names?: readonly string[];
}

const fields: readonly Field[] = [
  { name: 'minute', minimum: 0, maximum: 59 },
  { name: 'hour', minimum: 0, maximum: 23 },
  { name: 'day', minimum: 1, maximum: 31 },
  { name: 'month', minimum: 1, maximum: 12, names: monthNames },
  { name: 'weekday', minimum: 0, maximum: 7, names: weekdayNames },
];

/**
 * What is wrong with a schedule of five fields (`minute hour day month weekday`, each of `*`, values, ranges
 * `1-5`, steps `0-30/10` and lists; months and weekdays also by name); undefined for a sound one.
 */
export function cronOffence(schedule: string): string | undefined {
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== fields.length || parts[0] === '') {
    const count = parts[0] === '' ? 0 : parts.length;
    return `it must have five fields, minute hour day month weekday, but has ${count}`;
  }
  for (const [index, field] of fields.entries()) {
    const part = parts[index] ?? '';
    if (!part.split(',').every((item) => isItem(item.toLowerCase(), field)))
      return `its ${field.name} must be * or in ${field.minimum}-${field.maximum}, not ${JSON.stringify(part)}`;
  }
  return nextOccurrence(schedule, new Date(0)) ? undefined : 'there is no such day';
}

function isItem(item: string, field: Field): boolean {
  const match = /^(?:\*|(?<from>\w+)(?:-(?<to>\w+))?)(?:\/(?<step>\d{1,2}))?$/.exec(item);
  if (!match) return false;
  const { from, to, step } = match.groups ?? {};
  if (step !== undefined && (Number(step) < 1 || Number(step) > field.maximum)) return false;
  if (from === undefined) return true;
  const first = numberOf(from, field);
  const last = to === undefined ? first : numberOf(to, field);
  return first !== undefined && last !== undefined && first <= last;
}

function numberOf(text: string, { minimum, maximum, names = [] }: Field): number | undefined {
  const index = nameIndex(names, text);
  if (index !== -1) return minimum + index;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= minimum && value <= maximum ? value : undefined;
}
