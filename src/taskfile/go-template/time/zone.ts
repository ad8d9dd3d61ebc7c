/** Where clocks stand how. */
export interface Zone {
  readonly name: string;
  /** East of Greenwich, at an instant in milliseconds since 1970. */
  offsetSecondsAt(milliseconds: number): number;
  abbreviationAt(milliseconds: number): string;
}

export const utc: Zone = { name: 'UTC', offsetSecondsAt: () => 0, abbreviationAt: () => 'UTC' };

/** A zone that is nothing but an offset. Without an abbreviation it shows as `+0200`. */
export function fixedZone(offsetSeconds: number, abbreviation?: string): Zone {
  const shown = abbreviation ?? numeric(offsetSeconds).padEnd(5, '0');
  return { name: shown, offsetSecondsAt: () => offsetSeconds, abbreviationAt: () => shown };
}

/** A zone of the IANA database; UTC for one that does not exist. `Local` is UTC, wherever this runs. */
export function zoneOf(name: string): Zone {
  if (!/^[A-Za-z]+(?:[/_+-][A-Za-z\d]+)*$/.test(name) || /^(?:Local|UTC)$/i.test(name)) return utc;
  try {
    return ianaZone(name);
  } catch (error) {
    if (error instanceof RangeError) return utc;
    throw error;
  }
}

function ianaZone(name: string): Zone {
  const options = { timeZone: name, hourCycle: 'h23', era: 'short' } as const;
  const clock = new Intl.DateTimeFormat('en-US', {
    ...options,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsetSecondsAt = (milliseconds: number) => {
    const parts = Object.fromEntries(
      clock.formatToParts(milliseconds).map(({ type, value }) => [type, value]),
    );
    const year = parts['era'] === 'BC' ? 1 - Number(parts['year']) : Number(parts['year']);
    const local = new Date(0);
    local.setUTCFullYear(year, Number(parts['month']) - 1, Number(parts['day']));
    local.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
    return Math.round((local.getTime() - Math.floor(milliseconds / 1000) * 1000) / 1000);
  };
  const abbreviationAt = (milliseconds: number) =>
    abbreviation(name, milliseconds, offsetSecondsAt(milliseconds));
  return { name, offsetSecondsAt, abbreviationAt };
}

// What ICU calls GMT+9 in all English locales.
const known: Readonly<Record<string, string>> = {
  'Asia/Tokyo': 'JST',
  'Asia/Seoul': 'KST',
  'Asia/Shanghai': 'CST',
  'Asia/Hong_Kong': 'HKT',
  'Europe/Moscow': 'MSK',
  'Asia/Kolkata': 'IST',
  'Asia/Calcutta': 'IST',
};

function abbreviation(name: string, milliseconds: number, offsetSeconds: number): string {
  if (Object.hasOwn(known, name)) return known[name] ?? '';
  for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-NZ', 'en-ZA']) {
    const format = new Intl.DateTimeFormat(locale, { timeZone: name, timeZoneName: 'short' });
    const short = format.formatToParts(milliseconds).find(({ type }) => type === 'timeZoneName')?.value;
    if (short && /^[A-Z]{3,5}$/.test(short)) return short;
  }
  return numeric(offsetSeconds);
}

function numeric(offsetSeconds: number): string {
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offsetSeconds < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}${minutes % 60 ? two(minutes % 60) : ''}`;
}
