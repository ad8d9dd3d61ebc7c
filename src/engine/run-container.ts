import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { orAbort } from './abort.ts';
import type { OnOutput } from './child.ts';
import { containerConfig, type ContainerLimits } from './container-config.ts';
import { ContainerFailed } from './container-failed.ts';
import type { ContainerEnd, ContainerOptions } from './containers.ts';
import { statusOf } from './docker-error.ts';
import { createFrameReader } from './frames.ts';
import { holdContainer } from './hold-container.ts';
import { removeContainer } from './removal.ts';
import type { RunGroups } from './run-groups.ts';

type Heard = ContainerOptions & { readonly onOutput: OnOutput; readonly signal: AbortSignal };

interface Running {
  readonly container: Docker.Container;
  /** Frames; see `createFrameReader`. */
  readonly output: Readable;
}

/** See `Containers`. */
export async function runContainer(
  docker: Docker,
  groups: RunGroups,
  options: Heard & { readonly isKept: boolean },
): Promise<ContainerEnd> {
  const { onOutput, signal } = options;
  const held = await holdContainer(docker, groups, options.limits);
  try {
    const { container, output } = await start(docker, options, held.limits);
    let isKept = false;
    try {
      const end = await orAbort(signal, untilEnd(container, output, onOutput));
      isKept = options.isKept;
      return end;
    } finally {
      output.destroy();
      if (!isKept) await removeContainer(docker, container.id);
    }
  } finally {
    await held.release();
  }
}

/** See `Containers`. */
export async function startContainer(
  docker: Docker,
  groups: RunGroups,
  options: Heard,
): Promise<{ end(): Promise<void> }> {
  const held = await holdContainer(docker, groups, options.limits);
  try {
    const { container, output } = await start(docker, options, held.limits);
    const handingOn = handOn(output, options.onOutput).catch(() => {}); // the engine's end is heard elsewhere
    return {
      async end() {
        await removeContainer(docker, container.id);
        await handingOn;
        await held.release();
      },
    };
  } catch (error) {
    await held.release();
    throw error;
  }
}

/** Starts a container whose output is heard from its first byte. Nothing stays of one that cannot be started. */
async function start(
  docker: Docker,
  { signal, ...options }: ContainerOptions & { readonly signal: AbortSignal },
  limits: ContainerLimits,
): Promise<Running> {
  signal.throwIfAborted();
  let container: Docker.Container | undefined;
  let output: Readable | undefined;
  try {
    container = await docker.createContainer(containerConfig(options, limits));
    // without `hijack` it is the body of the answer, whatever the types say
    const attached = await container.attach({ stream: true, stdout: true, stderr: true });
    output = attached as unknown as Readable;
    output.on('error', () => {}); // its reader hears of it
    signal.throwIfAborted();
    await container.start();
    signal.throwIfAborted();
    return { container, output };
  } catch (error) {
    output?.destroy();
    if (container) await removeContainer(docker, container.id).catch(() => {}); // the first error says more
    throw statusOf(error) === undefined ? error : new ContainerFailed(options.name, error);
  }
}

/** Hands on what a container prints, and waits for its end. */
async function untilEnd(
  container: Docker.Container,
  output: Readable,
  onOutput: OnOutput,
): Promise<ContainerEnd> {
  await handOn(output, onOutput);
  const { StatusCode: exitCode } = (await container.wait()) as { StatusCode: number };
  const isKilled = exitCode === 137;
  return { exitCode, isOutOfMemory: isKilled && (await container.inspect()).State.OOMKilled };
}

async function handOn(output: Readable, onOutput: OnOutput): Promise<void> {
  const read = createFrameReader();
  for await (const chunk of output as AsyncIterable<Buffer>) {
    const printed = read(chunk);
    const handled = printed.length > 0 && onOutput(printed);
    if (handled) await handled;
  }
}
