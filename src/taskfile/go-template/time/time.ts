import { GoObject, type Method, int64, SizedInt, type Value } from '../values.ts';
import { formatTime } from './format.ts';
import { type Zone, utc } from './zone.ts';

/** time.Time of Go: an instant, and the zone in which it is shown. */
export class GoTime extends GoObject {
  readonly type = 'time.Time';
  readonly kind = 'struct';
  /** Since 1970. */
  readonly nanoseconds: bigint;
  readonly zone: Zone;

  constructor(nanoseconds: bigint, zone: Zone) {
    super();
    this.nanoseconds = nanoseconds;
    this.zone = zone;
  }

  static of(date: Date): GoTime {
    return new GoTime(BigInt(date.getTime()) * 1_000_000n, utc);
  }

  override toString(): string {
    return formatTime(this, '2006-01-02 15:04:05.999999999 -0700 MST');
  }

  override toJSON(): string {
    return formatTime(this, '2006-01-02T15:04:05.999999999Z07:00');
  }

  override equals(other: GoObject): boolean {
    return (
      other instanceof GoTime && other.nanoseconds === this.nanoseconds && other.zone.name === this.zone.name
    );
  }

  override method(name: string): Method | undefined {
    const simple = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (simple) return { parameters: [], run: () => simple(this) };
    // The evaluator passes what the parameters ask for.
    if (name === 'Format')
      return { parameters: ['string'], run: (layout) => formatTime(this, layout as string) };
    const compare = Object.hasOwn(comparisons, name) ? comparisons[name] : undefined;
    if (!compare) return undefined;
    return { parameters: ['time.Time'], run: (other) => compare(this, other as GoTime) };
  }
}

const number = (time: GoTime, layout: string) => BigInt(formatTime(time, layout));

const methods: Readonly<Record<string, (time: GoTime) => Value>> = {
  Year: (time) => number(time, '2006'),
  YearDay: (time) => number(time, '002'),
  Day: (time) => number(time, '2'),
  Hour: (time) => number(time, '15'),
  Minute: (time) => number(time, '4'),
  Second: (time) => number(time, '5'),
  Nanosecond: ({ nanoseconds }) => floorMod(nanoseconds, 1_000_000_000n),
  Unix: (time): SizedInt => int64(unixSeconds(time)),
  UnixMilli: ({ nanoseconds }) => int64((nanoseconds - floorMod(nanoseconds, 1_000_000n)) / 1_000_000n),
  UnixNano: ({ nanoseconds }) => int64(nanoseconds),
  UTC: ({ nanoseconds }) => new GoTime(nanoseconds, utc),
  Local: ({ nanoseconds }) => new GoTime(nanoseconds, utc),
  IsZero: (time) => time.nanoseconds === zeroTime.nanoseconds,
  String: (time) => time.toString(),
};

const comparisons: Readonly<Record<string, (a: GoTime, b: GoTime) => boolean>> = {
  Before: (a, b) => a.nanoseconds < b.nanoseconds,
  After: (a, b) => a.nanoseconds > b.nanoseconds,
  Equal: (a, b) => a.nanoseconds === b.nanoseconds,
};

const floorMod = (value: bigint, by: bigint) => ((value % by) + by) % by;

/** Whole seconds since 1970. */
export const unixSeconds = ({ nanoseconds }: GoTime): bigint =>
  (nanoseconds - floorMod(nanoseconds, 1_000_000_000n)) / 1_000_000_000n;

/** Go's zero time, 1 January of the year 1. */
export const zeroTime = new GoTime(-62_135_596_800_000_000_000n, utc);
