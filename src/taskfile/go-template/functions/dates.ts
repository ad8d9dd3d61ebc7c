import { TemplateFailure } from '../failure.ts';
import { formatDuration, parseDuration, roundDuration } from '../time/duration.ts';
import { formatTime } from '../time/format.ts';
import { parseTime } from '../time/parse.ts';
import { GoTime, unixSeconds, zeroTime } from '../time/time.ts';
import { utc, zoneOf } from '../time/zone.ts';
import { SizedInt, type Value, integerOf } from '../values.ts';
import { type FunctionContext, type FunctionTable, define } from './define.ts';

const dateInZone = define(['string', 'interface {}', 'string'], (context, layout, date, zone) =>
  inZone(context, layout, date, zone),
);
const dateModify = define(['string', 'time.Time'], (_, duration, date) => {
  const nanoseconds = parseDuration(duration);
  return nanoseconds === undefined ? date : new GoTime(date.nanoseconds + nanoseconds, date.zone);
});
const mustDateModify = define(['string', 'time.Time'], (_, duration, date) => {
  const nanoseconds = parseDuration(duration);
  if (nanoseconds === undefined)
    throw new TemplateFailure(`time: invalid duration ${JSON.stringify(duration)}`);
  return new GoTime(date.nanoseconds + nanoseconds, date.zone);
});

/** sprig's functions of dates. The local zone is UTC. */
export const dates: FunctionTable = {
  now: define([], ({ now }) => GoTime.of(now)),
  date: define(['string', 'interface {}'], (context, layout, date) => inZone(context, layout, date, 'UTC')),
  dateInZone,
  date_in_zone: dateInZone,
  htmlDate: define(['interface {}'], (context, date) => inZone(context, '2006-01-02', date, 'UTC')),
  htmlDateInZone: define(['interface {}', 'string'], (context, date, zone) =>
    inZone(context, '2006-01-02', date, zone),
  ),
  dateModify,
  date_modify: dateModify,
  mustDateModify,
  must_date_modify: mustDateModify,
  ago: define(['interface {}'], (context, date) => formatDuration(toSecond(since(context, date)))),
  duration: define(['interface {}'], (_, seconds) =>
    formatDuration(BigInt.asIntN(64, secondsOf(seconds) * 1_000_000_000n)),
  ),
  durationRound: define(['interface {}'], (context, value) => {
    if (value instanceof GoTime) return roundDuration(since(context, value));
    if (typeof value === 'string') return roundDuration(parseDuration(value) ?? 0n);
    return roundDuration(value instanceof SizedInt && value.type === 'int64' ? value.value : 0n);
  }),
  toDate: define(['string', 'string'], (_, layout, text) => {
    try {
      return parseTime(layout, text);
    } catch (error) {
      if (error instanceof TemplateFailure) return zeroTime;
      throw error;
    }
  }),
  mustToDate: define(['string', 'string'], (_, layout, text) => parseTime(layout, text)),
  unixEpoch: define(['time.Time'], (_, date) => unixSeconds(date).toString()),
};

/** A time, or seconds since 1970; now for anything else. */
function timeOf({ now }: FunctionContext, value: Value): GoTime {
  if (value instanceof GoTime) return value;
  const seconds = integerOf(value);
  return seconds === undefined ? GoTime.of(now) : new GoTime(seconds * 1_000_000_000n, utc);
}

const maxSeconds = 8_640_000_000_000n;

function inZone(context: FunctionContext, layout: string, date: Value, zone: string): string {
  // The zone database is slow.
  context.meter.spend(zone === 'UTC' ? 100 : 5000);
  const time = timeOf(context, date);
  const seconds = unixSeconds(time);
  if (seconds > maxSeconds || seconds < -maxSeconds) throw new TemplateFailure('the date is out of range');
  return formatTime(new GoTime(time.nanoseconds, zoneOf(zone)), layout);
}

const since = (context: FunctionContext, date: Value) =>
  GoTime.of(context.now).nanoseconds - timeOf(context, date).nanoseconds;

/** Half a second is rounded away from zero. */
function toSecond(nanoseconds: bigint): bigint {
  const half = nanoseconds < 0n ? -500_000_000n : 500_000_000n;
  return ((nanoseconds + half) / 1_000_000_000n) * 1_000_000_000n;
}

/** An int is no number of seconds in sprig: only an int64 and a string are. */
function secondsOf(value: Value): bigint {
  if (value instanceof SizedInt && value.type === 'int64') return value.value;
  return typeof value === 'string' && /^[+-]?\d{1,18}$/.test(value) ? BigInt(value.replace('+', '')) : 0n;
}
