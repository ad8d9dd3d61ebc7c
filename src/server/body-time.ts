import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { onRequestAsyncHookHandler } from 'fastify';

/** How long the body of a request may take. */
export interface BodyTimes {
  /** Without a byte. */
  readonly idleMs: number;
  /** From the request's head to its last byte. */
  readonly wholeMs: number;
  /** After the answer, for what nobody waits for any more. */
  readonly leftoverMs: number;
}

const second = 1000;
/** The largest body that is no blob, 4 MiB, comes in time at 300 kbit/s. */
export const plainTimes: BodyTimes = {
  idleMs: 60 * second,
  wholeMs: 120 * second,
  leftoverMs: 120 * second,
};
/**
 * The largest archive, 5 GB, comes in time at 2 Mbit/s; a layer of an image as well. Where they are written may be
 * slow, too.
 */
export const blobTimes: BodyTimes = {
  ...plainTimes,
  idleMs: 300 * second,
  wholeMs: 6 * 3600 * second,
};

/**
 * A hook that cuts off who sends a body too slowly: it would hold a socket for as long as it likes, and nobody needs
 * to log in for that. What a request waits for after its body has come is nobody's business here: agents wait for
 * runs, readers for logs.
 */
export function limitBodyTime(timesOf: (request: IncomingMessage) => BodyTimes): onRequestAsyncHookHandler {
  return async ({ raw }, reply) => {
    if (!hasBody(raw) || !(raw.socket instanceof Socket)) return; // a request of our own has no socket
    const { idleMs, wholeMs, leftoverMs } = timesOf(raw);
    const { socket } = raw;
    const cutOff = (): void => void socket.destroy();
    let timer = setTimeout(cutOff, wholeMs);
    socket.setTimeout(idleMs);
    raw.once('timeout', cutOff);
    const closed = (): void => clearTimeout(timer);
    const answered = (): void => {
      clearTimeout(timer);
      if (!raw.complete) timer = setTimeout(cutOff, leftoverMs);
    };
    const ended = (): void => {
      clearTimeout(timer);
      raw.off('timeout', cutOff);
      socket.off('close', closed); // the connection may serve many more
      // afterwards it is the time between requests that counts, which Node has set
      if (!reply.raw.writableFinished) socket.setTimeout(0);
    };
    reply.raw.once('finish', answered);
    raw.once('end', ended);
    socket.once('close', closed);
  };
}

/** RFC 9112 §6.3 */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
