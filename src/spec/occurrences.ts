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
  let at = from;
  let count = 1;
  for (;;) {
    const next = nextOccurrence(schedule, at);
    if (!next || next > until) return { at, count };
    at = next;
    count += 1;
    if (count < maxCounted) continue;
    // A long absence: the last one is found from its end.
    const last = CronExpressionParser.parse(schedule, {
      currentDate: new Date(until.getTime() + 1),
      tz: 'UTC',
    }).prev();
    return { at: last.toDate(), count: maxCounted };
  }
}

/** Missed occurrences are counted so far. */
const maxCounted = 1000;
