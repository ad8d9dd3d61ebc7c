import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, ServiceError } from '../model/index.ts';
import type { Engine } from '../engine/index.ts';
import type { LogWriter } from './log-writer.ts';

const pushAttempts = 3;

/**
 * Pushes a build's images in order, each up to three times with growing pauses.
 * @returns the digest of each image, and how long it took in seconds.
 */
export async function pushImages(
  deps: { engine: Engine; log: LogWriter; dockerConfigDirectory: string },
  images: readonly string[],
  imageId: string,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<{ digests: Map<string, string>; seconds: number }> {
  const { engine, log, dockerConfigDirectory } = deps;
  const startedAt = Date.now();
  const digests = new Map<string, string>();
  log.line(`Executing step ID: push. Timeout(sec): ${timeoutSeconds}, Working directory: '', Network: ''`);
  for (const image of new Set(images)) {
    for (let attempt = 1; !digests.has(image); attempt += 1) {
      log.line(`Pushing image: ${image}, attempt ${attempt}`);
      try {
        const { digest } = await engine.push({
          image,
          imageId,
          dockerConfigDirectory,
          onOutput: (chunk) => log.write(chunk),
          signal,
        });
        digests.set(image, digest);
      } catch (error) {
        signal.throwIfAborted();
        const isFinal = error instanceof ServiceError && error.statusCode >= 500;
        if (attempt === pushAttempts || isFinal) throw error;
        log.line(`Failed to push image: ${image}: ${messageOf(error)}`);
        await delay(500 * 2 ** attempt, undefined, { signal });
      }
    }
    log.line(`Successfully pushed image: ${image}`);
  }
  return { digests, seconds: (Date.now() - startedAt) / 1000 };
}
