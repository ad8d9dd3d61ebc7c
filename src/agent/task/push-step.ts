import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, ServiceError } from '../../model/index.ts';
import type { PushStep } from '../../taskfile/index.ts';
import { dockerConfigDirectory } from './places.ts';
import type { StepDeps, Try } from './step-deps.ts';

const pushTries = 3;

/** @returns what pushes a step's images in order, each up to three times with growing pauses. */
export async function preparePush(deps: StepDeps, step: PushStep): Promise<Try> {
  return async (_number, tail, signal) => {
    for (const image of new Set(step.images)) {
      const imageId = deps.built.find(image) ?? (await deps.run.engine.findImage(image));
      if (imageId === undefined) {
        const message = `there is no image ${image} to push: no step before it made one`;
        throw new ServiceError(400, 'ImageNotFound', message);
      }
      deps.pushed.set(image, await push(deps, image, imageId, tail, signal));
    }
    return 0;
  };
}

async function push(
  { run, output }: StepDeps,
  image: string,
  imageId: string,
  tail: { add(chunk: Uint8Array): void },
  signal: AbortSignal,
): Promise<string> {
  const { engine, log } = run;
  for (let tried = 1; ; tried += 1) {
    log.line(`Pushing image: ${image}, attempt ${tried}`);
    try {
      const { digest } = await engine.push({
        image,
        imageId,
        dockerConfigDirectory: dockerConfigDirectory(run),
        onOutput: (chunk) => {
          tail.add(chunk);
          return output.write(chunk);
        },
        signal,
      });
      output.flush();
      log.line(`Successfully pushed image: ${image}`);
      return digest;
    } catch (error) {
      output.flush();
      signal.throwIfAborted();
      const isFinal = error instanceof ServiceError && error.statusCode >= 500;
      if (tried === pushTries || isFinal) throw error;
      log.line(`Failed to push image: ${image}: ${messageOf(error)}`);
      await delay(500 * 2 ** tried, undefined, { signal });
    }
  }
}
