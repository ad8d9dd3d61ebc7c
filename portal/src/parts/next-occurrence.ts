import { CronExpressionParser } from 'cron-parser';

/** When a schedule of five fields (UTC) comes next, as the server reckons it; undefined for one that never does. */
export function nextOccurrence(schedule: string, from: Date): Date | undefined {
  try {
    return CronExpressionParser.parse(schedule, { currentDate: from, tz: 'UTC' }).next().toDate();
  } catch {
    return undefined;
  }
}
