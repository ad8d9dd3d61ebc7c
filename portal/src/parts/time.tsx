import { useEffect, useState } from 'react';

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

const units: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** `3 minutes ago`, `in 2 hours`; from seconds until then. */
export function relativeTime(seconds: number): string {
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return Math.abs(seconds) < 10 ? 'just now' : relative.format(Math.trunc(seconds), 'second');
}

/** `4.2 s`, `3 min 20 s`, `1 h 5 min`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 === 0 ? '' : ` ${whole % 60} s`}`;
  const minutes = Math.floor((whole % 3600) / 60);
  return `${Math.floor(whole / 3600)} h${minutes === 0 ? '' : ` ${minutes} min`}`;
}

export function exactTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : exact.format(time);
}

/** The time now, anew every so many milliseconds while `isTicking`. */
function useNow(everyMs: number, isTicking = true): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isTicking) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, isTicking]);
  return now;
}

/** When something was, as people say it; the exact time on pointing at it. */
export function When({ iso }: { iso: string | undefined }) {
  const now = useNow(15_000);
  if (iso === undefined) return <>—</>;
  const seconds = (new Date(iso).getTime() - Math.max(now, Date.now() - 15_000)) / 1000;
  return (
    <time dateTime={iso} title={exactTime(iso)}>
      {relativeTime(seconds)}
    </time>
  );
}

/** How long something took, or has taken so far while it goes on. */
export function Duration({
  from,
  to,
  isOver,
}: {
  from: string | undefined;
  to: string | undefined;
  isOver: boolean;
}) {
  const now = useNow(1000, from !== undefined && to === undefined && !isOver);
  if (from === undefined || (isOver && to === undefined)) return <>—</>;
  const end = to === undefined ? now : new Date(to).getTime();
  return <>{durationText(end - new Date(from).getTime())}</>;
}
