import { CronExpressionParser } from 'cron-parser';

/**
 * The first time after `from` at which a schedule of five fields (UTC) comes; undefined for one that never
 * does, such as the 30th of February.
 */
export function nextOccurrence(schedule: string, from: Date): Date | undefined {
  try {
    return CronExpressionParser.parse(schedule, { currentDate: from, tz: 'UTC' }).next().toDate();
  } catch {
    return undefined;
  }
}

/** The last time up to and including `until` at which it came, and how often since `from` (itself included). */
export function lastOccurrence(schedule: string, from: Date, until: Date): { at: Date; count: number } {
  // from the end, so that a long absence costs no more than what is counted of it
  const end = { currentDate: new Date(until.getTime() + 1), tz: 'UTC' };
  const occurrences = CronExpressionParser.parse(schedule, end);
  const at = occurrences.prev().toDate();
  if (at <= from) return { at: from, count: 1 };
  let count = 1;
  for (let each = at; each > from && count < maxCounted; count += 1) each = occurrences.prev().toDate();
  return { at, count };
}

/** Missed occurrences are counted so far. */
const maxCounted = 1000;
