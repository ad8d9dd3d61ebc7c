import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, Secret, ServiceError } from '../../model/index.ts';
import type { RegistryLogin } from '../../protocol/index.ts';
import {
  formatImageReference,
  parseImageReference,
  type CmdStep,
  type ImageReference,
} from '../../taskfile/index.ts';
import { loginOf } from '../login-of.ts';
import type { StepOutput } from '../run-log.ts';
import type { TaskRun } from './task-run.ts';

/** The images that a run's build steps made, by name: other runs may move the same names on the engine. */
export interface BuiltImages {
  add(name: string, imageId: string): void;
  find(name: string): string | undefined;
}

export function createBuiltImages(): BuiltImages {
  const ids = new Map<string, string>();
  return {
    add: (name, imageId) => ids.set(canonical(name), imageId),
    find: (name) => ids.get(canonical(name)),
  };
}

/**
 * The id of the image that a step runs: one that this run built under the name, else what the engine holds, else
 * what is pulled. From the registries that the run is logged in to it is always pulled, since a tag may have
 * moved there; what the engine holds serves when that fails.
 */
export async function findImage(
  run: TaskRun,
  built: BuiltImages,
  step: CmdStep,
  output: StepOutput,
  signal: AbortSignal,
): Promise<string> {
  const { engine, log } = run;
  const reference = referenceOf(step.image);
  const ours = step.isPulled ? undefined : built.find(step.image);
  if (ours !== undefined) return ours;
  const login = reference && loginOf(run.logins, reference.registry);
  const name = canonical(step.image);
  if (!step.isPulled && !login) {
    const held = await engine.findImage(name);
    if (held !== undefined) return held;
  }
  try {
    return await pullPatiently(run, step, name, login, output, signal);
  } catch (error) {
    signal.throwIfAborted();
    const isRefused = /denied|unauthorized|forbidden|authentication/i.test(messageOf(error));
    const held = step.isPulled || isRefused ? undefined : await engine.findImage(name);
    if (held === undefined) throw error;
    log.line(`Using the image ${step.image} that is on the engine: ${messageOf(error)}`);
    return held;
  }
}

async function pullPatiently(
  { engine, log, platform }: TaskRun,
  step: CmdStep,
  name: string,
  login: RegistryLogin | undefined,
  output: StepOutput,
  signal: AbortSignal,
): Promise<string> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await engine.pull({
        image: name,
        ...(platform !== undefined && { platform }),
        ...(login && { auth: { username: login.username, password: new Secret(login.password) } }),
        onOutput: (chunk) => output.write(chunk),
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      const isOver =
        !(error instanceof ServiceError) || error.statusCode >= 500 || tried > step.downloadRetries;
      if (isOver) throw error;
      const seconds = step.downloadRetryDelaySeconds;
      log.line(`Failed to pull ${step.image}: ${messageOf(error)}; trying again in ${seconds} seconds`);
      await delay(seconds * 1000, undefined, { signal });
    } finally {
      output.flush();
    }
  }
}

/** Undefined for what is no name, such as an id. */
function referenceOf(name: string): ImageReference | undefined {
  try {
    return parseImageReference(name);
  } catch {
    return undefined;
  }
}

/** A name as the engine knows it, always the same for the same image. */
function canonical(name: string): string {
  const reference = referenceOf(name);
  return reference ? formatImageReference(reference) : name;
}
