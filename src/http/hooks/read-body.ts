import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../../model/index.ts';

/** The largest payload; providers send less of what we look at. */
const mostBytes = 5 * 1024 * 1024;
/** GitHub's largest payload and some more: so much is read, so that its sender gets to see the answer. */
const drainedBytes = 32 * 1024 * 1024;
const mostMs = 30_000;

/**
 * The body of a webhook; nothing is kept of one that says or turns out to be too large. Who sends it slowly is
 * cut off. @throws ServiceError 413 `RequestContentTooLarge`; 400 `IncompleteBody`.
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const cutOff = setTimeout(() => request.destroy(), mostMs);
  try {
    const chunks: Buffer[] = [];
    const announced = Number(request.headers['content-length'] ?? 0);
    let isTooLarge = announced > mostBytes;
    let size = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      isTooLarge ||= size > mostBytes;
      if (isTooLarge) chunks.length = 0;
      else chunks.push(chunk);
      if (size > drainedBytes) break;
    }
    if (!isTooLarge) return Buffer.concat(chunks);
  } catch (cause) {
    throw new ServiceError(400, 'IncompleteBody', 'the body of the webhook did not come whole', { cause });
  } finally {
    clearTimeout(cutOff);
  }
  const message = `the body of a webhook may have ${mostBytes} bytes`;
  throw new ServiceError(413, 'RequestContentTooLarge', message);
}

/** The same as JSON. @throws ServiceError 413; 400 `InvalidRequest`. */
export async function readJson(body: Parameters<typeof readBody>[0]): Promise<unknown> {
  const bytes = await readBody(body);
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new ServiceError(400, 'InvalidRequest', 'the body of the webhook is no JSON');
  }
}
