import type { Connection } from './connection.ts';
import { untilAnswered } from './retry.ts';
import type { LogSink } from './run-log.ts';

/** A piece of a log as it is sent; the server takes no longer ones. */
const maxPieceBytes = 192 * 1024;
/** Writers wait when so much has not been sent yet: memory does not grow with the log. */
const highWaterBytes = 1024 * 1024;

/** Sends an attempt's log, in order, each byte once; what is written while a piece is under way goes with the next. */
export function openLogSender(
  connection: Connection,
  run: { runKey: number; attempt: number },
  signal: AbortSignal,
): LogSink {
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
  return {
    async write(bytes) {
      if (failure !== undefined) return;
      const lines = toCrlf(bytes);
      pending.push(lines);
      pendingBytes += lines.length;
      void pump();
      while (pendingBytes > highWaterBytes && failure === undefined) await pump();
    },
    /** Rejects when the server refused it. */
    async end() {
      while ((pendingBytes > 0 || sending) && failure === undefined) await pump();
      if (failure !== undefined) throw failure as Error;
    },
  };
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
