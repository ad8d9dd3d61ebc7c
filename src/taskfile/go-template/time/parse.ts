import { TemplateFailure } from '../failure.ts';
import { layoutParts, months, weekdays } from './layout.ts';
import { GoTime } from './time.ts';
import { type Zone, fixedZone, utc } from './zone.ts';

const names = (all: readonly string[], length?: number) => all.map((name) => name.slice(0, length)).join('|');

/** What each chunk of a layout reads. */
const patterns: Readonly<Record<string, string>> = {
  January: `(?<month>${names(months)})`,
  Jan: `(?<month>${names(months, 3)})`,
  '1': String.raw`(?<month>\d{1,2})`,
  '01': String.raw`(?<month>\d\d)`,
  Monday: `(?:${names(weekdays)})`,
  Mon: `(?:${names(weekdays, 3)})`,
  '2': String.raw` ?(?<day>\d{1,2})`,
  _2: String.raw` ?(?<day>\d{1,2})`,
  '02': String.raw`(?<day>\d\d)`,
  __2: String.raw` {0,2}(?<yearDay>\d{1,3})`,
  '002': String.raw`(?<yearDay>\d{3})`,
  '15': String.raw`(?<hour>\d{1,2})`,
  '3': String.raw`(?<hour>\d{1,2})`,
  '03': String.raw`(?<hour>\d\d)`,
  '4': String.raw`(?<minute>\d{1,2})`,
  '04': String.raw`(?<minute>\d\d)`,
  // A fraction may follow the seconds also where the layout has none.
  '5': String.raw`(?<second>\d{1,2})(?:[.,](?<fraction>\d+))?`,
  '05': String.raw`(?<second>\d\d)(?:[.,](?<fraction>\d+))?`,
  '2006': String.raw`(?<year>\d{4})`,
  '06': String.raw`(?<shortYear>\d\d)`,
  PM: '(?<half>AM|PM)',
  pm: '(?<half>am|pm)',
  MST: String.raw`(?<abbreviation>UTC|[A-Z]{3,5}|[+-]\d\d)`,
};

type Fields = Readonly<Record<string, string | undefined>>;

const maxLayoutChars = 200;

/**
 * time.Parse of Go; a text without a zone is in UTC.
 * @throws TemplateFailure for what does not follow the layout.
 */
export function parseTime(layout: string, text: string): GoTime {
  const fail = (what: string): never => {
    throw new TemplateFailure(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: ${what}`);
  };
  if (layout.length > maxLayoutChars) fail('the layout is too long');
  const pattern = layoutParts(layout).map(({ kind, text: part }) =>
    kind === 'literal' ? escapePattern(part) : chunkPattern(part),
  );
  const names = pattern.join('').match(/\(\?<\w+>/g) ?? [];
  if (new Set(names).size < names.length) fail('the layout has a part twice');
  const fields: Fields =
    new RegExp(`^${pattern.join('')}$`, 's').exec(text)?.groups ?? fail('it does not follow the layout');
  const hour = hourOf(fields);
  const [year, month, day] = dateOf(fields);
  const minute = Number(fields['minute'] ?? 0);
  const second = Number(fields['second'] ?? 0);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (month < 1 || month > 12 || date.getUTCMonth() !== month - 1) fail('month or day out of range');
  if (hour > 23 || minute > 59 || second > 59) fail('hour, minute or second out of range');
  const zone = zoneIn(fields);
  const seconds = BigInt(date.setUTCHours(hour, minute, second)) / 1000n - BigInt(zone.offsetSecondsAt(0));
  const nanoseconds = BigInt((fields['fraction'] ?? '').slice(0, 9).padEnd(9, '0'));
  return new GoTime(seconds * 1_000_000_000n + nanoseconds, zone);
}

const escapePattern = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

function chunkPattern(chunk: string): string {
  const simple = Object.hasOwn(patterns, chunk) ? patterns[chunk] : undefined;
  if (simple) return simple;
  // The seconds read their fraction themselves.
  if (/^[.,]/.test(chunk)) return '';
  const colon = chunk.includes(':') ? ':' : '';
  const digits = chunk.replace(/\D/g, '').length / 2;
  const offset = `[+-]\\d\\d${`${colon}\\d\\d`.repeat(digits - 1)}`;
  return `(?<offset>${chunk.startsWith('Z') ? `Z|${offset}` : offset})`;
}

function hourOf({ hour = '0', half }: Fields): number {
  if (half === undefined) return Number(hour);
  const isAfternoon = half.toLowerCase() === 'pm';
  return (Number(hour) % 12) + (isAfternoon ? 12 : 0);
}

function dateOf({ year, shortYear, month, day, yearDay }: Fields): [number, number, number] {
  const short = Number(shortYear ?? 0);
  const fullYear = shortYear === undefined ? Number(year ?? 0) : short + (short >= 69 ? 1900 : 2000);
  if (yearDay !== undefined && month === undefined) {
    const date = new Date(0);
    date.setUTCFullYear(fullYear, 0, Number(yearDay));
    return [fullYear, date.getUTCMonth() + 1, date.getUTCDate()];
  }
  const named = months.findIndex((name) => month !== undefined && name.startsWith(month));
  return [fullYear, named >= 0 ? named + 1 : Number(month ?? 1), Number(day ?? 1)];
}

function zoneIn({ offset, abbreviation }: Fields): Zone {
  if (offset === undefined || offset === 'Z') {
    return abbreviation === undefined || abbreviation === 'UTC' ? utc : fixedZone(0, abbreviation);
  }
  const [hours = '0', minutes = '0', seconds = '0'] = offset.match(/\d\d/g) ?? [];
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  if (size === 0) return utc;
  return fixedZone(offset.startsWith('-') ? -size : size, abbreviation);
}
