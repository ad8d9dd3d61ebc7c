import { CronExpressionParser } from 'cron-parser';
import { monthNames, nameIndex, weekdayNames } from './cron-names.ts';

/**
 * The first time after `from` at which a schedule of five fields (UTC) comes; undefined for one that never
 * does, such as the 30th of February.
 */
export function nextOccurrence(schedule: string, from: Date): Date | undefined {
  return occurrences(schedule, from, 'next').next().value;
}

/** The last time up to and including `until` at which it came, and how often since `from` (itself included). */
export function lastOccurrence(schedule: string, from: Date, until: Date): { at: Date; count: number } {
  // from the end, so that a long absence costs no more than what is counted of it
  let at = from;
  let count = 0;
  for (const each of occurrences(schedule, new Date(until.getTime() + 1), 'prev')) {
    if (each < from || count === maxCounted) break;
    if (count === 0) at = each;
    count += 1;
  }
  return { at, count: Math.max(1, count) };
}

/**
 * Which occurrence is due, and how many there were of which it is the latest: those from `next` on, but after `last`,
 * which has been; undefined when there is none up to and including `now`.
 */
export function dueOccurrence(
  schedule: string,
  { next, last, now }: { next: Date; last: Date | undefined; now: Date },
): { at: Date; count: number } | undefined {
  const from = last && last >= next ? nextOccurrence(schedule, last) : next;
  return from && from <= now ? lastOccurrence(schedule, from, now) : undefined;
}

/** Missed occurrences are counted so far. */
const maxCounted = 1000;
/** So many days of the month are tried for one that is the right day of the week: those of 40 years at least. */
const maxDays = 500;
const dayMs = 24 * 3600 * 1000;

/**
 * The times at which it comes, from one on. The service reads schedules with NCrontab: where day and weekday are both
 * given, both must be right (the first Monday of a month is `0 4 1-7 * 1`). The parser takes either, as cron does: it
 * is asked for the days of the month, and those of another weekday are left out.
 */
function* occurrences(
  schedule: string,
  from: Date,
  direction: 'next' | 'prev',
): Generator<Date, undefined, undefined> {
  const [minute, hour, day, month = '', weekday = ''] = schedule.trim().split(/\s+/);
  const dates = `${minute} ${hour} ${day} ${numbered(month, monthNames, 1)} *`;
  const startAt = (currentDate: Date) => CronExpressionParser.parse(dates, { currentDate, tz: 'UTC' });
  try {
    const { dayOfWeek } = CronExpressionParser.parse(`0 0 * * ${numbered(weekday, weekdayNames, 0)}`).fields;
    const weekdays = new Set(dayOfWeek.values.map((each) => Number(each) % 7));
    let times = startAt(from);
    for (let daysTried = 0; daysTried < maxDays;) {
      const found = times[direction]().toDate();
      if (weekdays.has(found.getUTCDay())) {
        daysTried = 0;
        yield found;
      } else {
        daysTried += 1;
        const midnight = found.getTime() - (found.getTime() % dayMs);
        times = startAt(new Date(direction === 'next' ? midnight + dayMs - 1 : midnight));
      }
    }
  } catch {
    // there is no such day
  }
  return undefined;
}

function numbered(field: string, names: readonly string[], first: number): string {
  return field.replace(/[a-z]+/gi, (name) => String(first + nameIndex(names, name)));
}
