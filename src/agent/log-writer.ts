import type { Connection } from './connection.ts';
import { untilAnswered } from './retry.ts';

/** A piece of a log as it is sent; the server takes no longer ones. */
const maxPieceBytes = 192 * 1024;
/** Writers wait when so much has not been sent yet: memory does not grow with the log. */
const highWaterBytes = 1024 * 1024;

/** Sends an attempt's log, in order, each byte once; what is written while a piece is under way goes with the next. */
export interface LogWriter {
  /** Output of a step as it comes; resolves at once, or when there is room again. */
  write(bytes: Uint8Array): Promise<void>;
  /** A line of the engine: `2026/11/24 03:47:43 message`. */
  line(message: string): void;
  /** A line without a time. */
  plain(message: string): void;
  /** Resolves when all was sent; rejects when the server refused it. */
  end(): Promise<void>;
}

export function openLogWriter(
  connection: Connection,
  run: { runKey: number; attempt: number },
  mask: { write(chunk: Buffer): Buffer; flush(): Buffer },
  signal: AbortSignal,
): LogWriter {
  const toCrlf = crlf();
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let offset = 0;
  let sending: Promise<void> | undefined;
  let failure: unknown;

  const send = async (): Promise<void> => {
    while (pendingBytes > 0 && failure === undefined) {
      const all = Buffer.concat(pending);
      pending = [];
      pendingBytes = 0;
      for (let start = 0; start < all.length;) {
        const from = offset;
        const piece = all.subarray(start, start + maxPieceBytes);
        const { nextOffset } = await untilAnswered(signal, () =>
          connection.log(run.runKey, run.attempt, from, piece, signal),
        );
        // The server has a piece whose answer was lost: go on where it says.
        start += nextOffset - from;
        offset = nextOffset;
      }
    }
  };
  const pump = (): Promise<void> => {
    sending ??= send()
      .catch((error: unknown) => {
        failure = error;
      })
      .finally(() => {
        sending = undefined;
      });
    return sending;
  };
  const push = (bytes: Buffer): void => {
    if (bytes.length === 0 || failure !== undefined) return;
    pending.push(bytes);
    pendingBytes += bytes.length;
    void pump();
  };
  const write = async (bytes: Uint8Array): Promise<void> => {
    push(toCrlf(mask.write(Buffer.from(bytes))));
    while (pendingBytes > highWaterBytes && failure === undefined) await pump();
  };
  const plain = (message: string): void => push(toCrlf(mask.write(Buffer.from(`${message}\n`))));
  return {
    write,
    plain,
    line: (message) => plain(`${stamp(new Date())} ${message}`),
    async end() {
      push(toCrlf(mask.flush()));
      while (pendingBytes > 0 || sending) {
        await pump();
        if (failure !== undefined) break;
      }
      if (failure !== undefined) throw failure as Error;
    },
  };
}

function stamp(now: Date): string {
  return now.toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}

/** Ends every line with `\r\n`, as clients split them, also across pieces. */
export function crlf(): (bytes: Buffer) => Buffer {
  let last = 0;
  return (bytes) => {
    const bare: number[] = [];
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) {
      if ((at === 0 ? last : bytes[at - 1]) !== 13) bare.push(at);
    }
    if (bytes.length > 0) last = bytes[bytes.length - 1] ?? 0;
    if (bare.length === 0) return bytes;
    const result = Buffer.allocUnsafe(bytes.length + bare.length);
    let from = 0;
    let to = 0;
    for (const at of bare) {
      to += bytes.copy(result, to, from, at);
      result[to++] = 13;
      from = at;
    }
    bytes.copy(result, to, from);
    return result;
  };
}
