import os from 'node:os';
import { Option, type Command } from 'commander';
import { defaultImageAliases } from '../taskfile/index.ts';
import { collect, parseArgument, parseWholeNumber } from './options.ts';

/** What `withStepOptions` adds to a command. */
export interface StepFlags {
  readonly maxParallelSteps: number;
  readonly allowPrivileged: boolean;
  readonly allowDockerSocket: boolean;
  readonly imageAlias: string[];
}

/** Adds what the steps of tasks may do with this machine. */
export function withStepOptions(command: Command): Command {
  // All that is free runs at once, also on a small machine: steps may talk to each other, or only wait.
  const width = Math.max(32, 4 * os.availableParallelism());
  return command
    .addOption(
      new Option('--max-parallel-steps <n>', 'steps of a run at the same time')
        .argParser(parseWholeNumber)
        .default(width),
    )
    .option('--allow-privileged', 'steps may be privileged and use the network of this machine', false)
    .option('--allow-docker-socket', 'steps have the socket of this machine’s Docker engine', false)
    .option(
      '--image-alias <name=image>',
      'what $name, or name as the first word of a cmd, stands for (repeatable)',
      collect,
      [],
    );
}

export interface StepOptions {
  readonly maxParallelSteps: number;
  readonly allowances: { readonly isPrivilegedAllowed: boolean; readonly isDockerSocketAllowed: boolean };
  readonly imageAliases: Readonly<Record<string, string>>;
}

/**
 * What the options and the environment say. `SLIPWAY_ALLOW_PRIVILEGED` and `SLIPWAY_ALLOW_DOCKER_SOCKET` are
 * `1`, or the pools that are meant; `SLIPWAY_IMAGE_ALIASES` is `bash=…,curl=…`. Agents have them from the
 * server that starts them.
 */
export function stepOptionsOf(flags: StepFlags, pool: string | undefined): StepOptions {
  const { SLIPWAY_ALLOW_PRIVILEGED, SLIPWAY_ALLOW_DOCKER_SOCKET, SLIPWAY_IMAGE_ALIASES } = process.env;
  const given = [...listOf(SLIPWAY_IMAGE_ALIASES), ...flags.imageAlias].map(parseArgument);
  const aliases = Object.fromEntries(given.map(({ name, value }) => [name, value]));
  return {
    maxParallelSteps: Math.max(1, flags.maxParallelSteps),
    allowances: {
      isPrivilegedAllowed: flags.allowPrivileged || isAllowed(SLIPWAY_ALLOW_PRIVILEGED, pool),
      isDockerSocketAllowed: flags.allowDockerSocket || isAllowed(SLIPWAY_ALLOW_DOCKER_SOCKET, pool),
    },
    imageAliases: { ...defaultImageAliases, ...aliases },
  };
}

function isAllowed(value: string | undefined, pool: string | undefined): boolean {
  const names = listOf(value).map((name) => name.toLowerCase());
  return (
    names.includes('1') ||
    names.includes('true') ||
    (pool !== undefined && names.includes(pool.toLowerCase()))
  );
}

function listOf(value = ''): string[] {
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
