import { createMasker, type Masker } from '../secrets/index.ts';
import type { Secret } from '../model/index.ts';

/** Where the bytes of a log go, in order. */
export interface LogSink {
  /** Resolves at once, or when there is room again. */
  write(bytes: Buffer): Promise<void>;
  /** Resolves when all has arrived. */
  end(): Promise<void>;
}

/** What one step prints. Its lines do not mix with those of others. */
export interface StepOutput {
  write(chunk: Buffer): void | Promise<void>;
  /** Hands on the rest; the output may go on afterwards. */
  flush(): void;
}

/** A run's log: lines of the engine, and the output of steps that run at the same time. */
export interface RunLog {
  /** A line of the engine: `2026/11/24 03:47:43 message`. */
  line(message: string): void;
  /** A line without a time. */
  plain(message: string): void;
  openOutput(): StepOutput;
  /** Masks these, too, in all that comes from here on. */
  addSecrets(secrets: readonly Secret[]): void;
  /** A text that goes elsewhere than into the log, such as the message of an error, without any secret. */
  mask(text: string): string;
  end(): Promise<void>;
}

/** A longer line is handed on before its end. */
const maxLineBytes = 64 * 1024;
/** So long the beginning of a line waits for its end: prompts and progress bars must show. */
const maxWaitMs = 100;

const newline = Buffer.from('\n');

/** @param secrets are masked; see `createMasker`. */
export function openRunLog(sink: LogSink, secrets: readonly Secret[]): RunLog {
  const known = [...secrets];
  const maskers = new Set<Masker>();
  const openMasker = (): Masker => {
    const masker = createMasker(known);
    maskers.add(masker);
    return masker;
  };
  const ownMasker = openMasker();
  /** Who has printed the beginning of a line. */
  let openLineOf: object | undefined;
  const hand = (owner: object, bytes: Buffer): Promise<void> | undefined => {
    if (bytes.length === 0) return undefined;
    if (openLineOf !== undefined && openLineOf !== owner) void sink.write(newline);
    openLineOf = bytes.at(-1) === 10 ? undefined : owner;
    return sink.write(bytes);
  };
  const masked = (text: string): Buffer =>
    Buffer.concat([ownMasker.write(Buffer.from(text)), ownMasker.flush()]);
  const plain = (message: string): void => void hand(ownMasker, masked(`${message}\n`));
  return {
    plain,
    line: (message) => plain(`${stamp(new Date())} ${message}`),
    openOutput() {
      const masker = openMasker();
      const lines = wholeLines((bytes) => hand(masker, bytes));
      return {
        write: (chunk) => lines.write(masker.write(chunk)),
        flush() {
          void lines.write(masker.flush());
          lines.flush();
        },
      };
    },
    addSecrets(more) {
      known.push(...more);
      for (const masker of maskers) masker.add(more);
    },
    mask: (text) => masked(text).toString('utf8'),
    end: () => sink.end(),
  };
}

/** Hands on whole lines; the beginning of one waits for its end a little. */
function wholeLines(hand: (bytes: Buffer) => Promise<void> | undefined): {
  write(bytes: Buffer): Promise<void> | undefined;
  flush(): void;
} {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const take = (): Buffer[] => {
    clearTimeout(timer);
    timer = undefined;
    const taken = begun;
    begun = [];
    begunBytes = 0;
    return taken;
  };
  const flush = (): void => void hand(Buffer.concat(take()));
  return {
    flush,
    write(bytes) {
      const end = bytes.lastIndexOf(10) + 1;
      const whole = end === 0 ? undefined : Buffer.concat([...take(), bytes.subarray(0, end)]);
      const rest = bytes.subarray(end);
      if (rest.length > 0) {
        begun.push(rest);
        begunBytes += rest.length;
        timer ??= setTimeout(flush, maxWaitMs);
      }
      const isLong = begunBytes > maxLineBytes;
      const ready = isLong ? Buffer.concat([...(whole ? [whole] : []), ...take()]) : whole;
      return ready && hand(ready);
    },
  };
}

function stamp(now: Date): string {
  return now.toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}
