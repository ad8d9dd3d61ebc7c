import { hastenDeliveries, hastenHooks, hastenReports } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';

const hourMs = 3600 * 1000;
/** Longer than any delivery is put off. */
const longestPauseMs = hourMs;
/** The same of what is asked of providers: they are looked at every six hours, and may ask for as long a rest. */
const longestForgePauseMs = 7 * hourMs;

/** Has what was put off while this machine's clock was far ahead done now, not when that time comes. */
export async function mendTimes({ store: { db }, now }: Pick<ControlDeps, 'store' | 'now'>): Promise<void> {
  const time = now();
  const after = (pauseMs: number): Date => new Date(time.getTime() + pauseMs);
  await hastenDeliveries(db, time, after(longestPauseMs));
  await hastenHooks(db, time, after(longestForgePauseMs));
  await hastenReports(db, time, after(longestForgePauseMs));
}
