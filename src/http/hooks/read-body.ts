import { ServiceError } from '../../model/index.ts';

/** The largest payload; providers send less of what we look at. */
const mostBytes = 5 * 1024 * 1024;
/** GitHub's largest payload and some more: so much is read, so that its sender gets to see the answer. */
const drainedBytes = 32 * 1024 * 1024;

/** The body of a webhook. @throws ServiceError 413 `RequestContentTooLarge`. */
export async function readBody(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size <= mostBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (size > drainedBytes) break;
  }
  if (size <= mostBytes) return Buffer.concat(chunks);
  const message = `the body of a webhook may have ${mostBytes} bytes`;
  throw new ServiceError(413, 'RequestContentTooLarge', message);
}
