import { layoutParts, months, weekdays } from './layout.ts';
import type { GoTime } from './time.ts';

const perSecond = 1_000_000_000n;

/** time.Format of Go. */
export function formatTime(time: GoTime, layout: string): string {
  const fraction = ((time.nanoseconds % perSecond) + perSecond) % perSecond;
  const seconds = (time.nanoseconds - fraction) / perSecond;
  const milliseconds = Number(seconds) * 1000;
  const offsetSeconds = time.zone.offsetSecondsAt(milliseconds);
  const local = new Date((Number(seconds) + offsetSeconds) * 1000);
  return layoutParts(layout)
    .map(({ kind, text }) =>
      kind === 'literal'
        ? text
        : (formatClock(local, text) ??
          formatZone(offsetSeconds, text) ??
          (text === 'MST' ? time.zone.abbreviationAt(milliseconds) : formatFraction(fraction, text))),
    )
    .join('');
}

const pad = (value: number, width: number, fill = '0') => String(value).padStart(width, fill);

function formatClock(local: Date, chunk: string): string | undefined {
  const month = local.getUTCMonth();
  const day = local.getUTCDate();
  const hour = local.getUTCHours();
  const yearDay = Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0)) / 86_400_000) + 1;
  switch (chunk) {
    case 'January':
      return months[month];
    case 'Jan':
      return months[month]?.slice(0, 3);
    case '1':
      return String(month + 1);
    case '01':
      return pad(month + 1, 2);
    case 'Monday':
      return weekdays[local.getUTCDay()];
    case 'Mon':
      return weekdays[local.getUTCDay()]?.slice(0, 3);
    case '2':
      return String(day);
    case '_2':
      return pad(day, 2, ' ');
    case '02':
      return pad(day, 2);
    case '__2':
      return pad(yearDay, 3, ' ');
    case '002':
      return pad(yearDay, 3);
    case '15':
      return pad(hour, 2);
    case '3':
      return String(hour % 12 || 12);
    case '03':
      return pad(hour % 12 || 12, 2);
    case '4':
      return String(local.getUTCMinutes());
    case '04':
      return pad(local.getUTCMinutes(), 2);
    case '5':
      return String(local.getUTCSeconds());
    case '05':
      return pad(local.getUTCSeconds(), 2);
    case '2006':
      return pad(local.getUTCFullYear(), 4);
    case '06':
      return pad(local.getUTCFullYear() % 100, 2);
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return hour >= 12 ? 'pm' : 'am';
    default:
      return undefined;
  }
}

/** `-0700`, `Z07:00`, …: hours, minutes and seconds as far as the chunk has them; Z for UTC where it begins so. */
function formatZone(offsetSeconds: number, chunk: string): string | undefined {
  if (!/^[-Z]07/.test(chunk)) return undefined;
  if (chunk.startsWith('Z') && offsetSeconds === 0) return 'Z';
  const absolute = Math.abs(offsetSeconds);
  const parts = [absolute / 3600, (absolute / 60) % 60, absolute % 60].map((part) =>
    pad(Math.trunc(part), 2),
  );
  const count = chunk.replace(/\D/g, '').length / 2;
  return (offsetSeconds < 0 ? '-' : '+') + parts.slice(0, count).join(chunk.includes(':') ? ':' : '');
}

/** `.000` shows so many digits, `.999` no zeros at the end. */
function formatFraction(nanoseconds: bigint, chunk: string): string {
  const digits = nanoseconds
    .toString()
    .padStart(9, '0')
    .padEnd(chunk.length - 1, '0')
    .slice(0, chunk.length - 1);
  const shown = chunk[1] === '9' ? digits.replace(/0+$/, '') : digits;
  return shown === '' ? '' : `${chunk[0] ?? ''}${shown}`;
}
