import { randomInt } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { messageOf, ServiceError } from '../model/index.ts';
import { aliasSourcesOf, runDate, type AliasSource, type TaskFileInput } from '../taskfile/index.ts';
import { collect, parseArgument } from './options.ts';

/** What `withTaskFile` adds to a command. */
export interface TaskFileFlags {
  readonly file: string;
  readonly values?: string;
  readonly set: string[];
  readonly setSecret: string[];
  readonly registry: string;
}

/** Adds the options that say which task file is read, and with which values. */
export function withTaskFile(command: Command): Command {
  return command
    .argument('[directory]', 'the source, in which the files are', '.')
    .addOption(
      new Option('-f, --file <path>', 'task file, relative to the source; - is the standard input').default(
        'acb.yaml',
      ),
    )
    .option('--values <path>', 'values file, relative to the source')
    .option('--set <name=value>', 'a value, before those of the values file (repeatable)', collect, [])
    .option('--set-secret <name=value>', 'a value that is not shown (repeatable)', collect, [])
    .option('--registry <login server>', 'what $Registry stands for', 'localhost:5000');
}

/** Reads a task file of this machine with all that it names. Its secrets are still to come. */
export async function loadTaskFile(directory: string, flags: TaskFileFlags): Promise<TaskFileInput> {
  const text =
    flags.file === '-' ? await readStream(process.stdin) : await readIn(directory, flags.file, 'task file');
  const aliasSources = await Promise.all(
    aliasSourcesOf(text).map((source) => loadAliases(directory, source)),
  );
  const now = new Date();
  return {
    text,
    name: flags.file === '-' ? 'task' : flags.file,
    aliasSources,
    ...(flags.values !== undefined && {
      valuesText: await readIn(directory, flags.values, 'values file'),
    }),
    values: [...flags.set, ...flags.setSecret].map(parseArgument),
    run: {
      ID: 'local',
      TaskName: '',
      Registry: flags.registry,
      RegistryName: flags.registry.split('.', 1)[0] ?? '',
      Date: runDate(now),
      OS: process.platform === 'win32' ? 'windows' : 'linux',
      Architecture: os.arch() === 'x64' ? 'amd64' : os.arch(),
      TriggeredBy: '',
    },
    surroundings: { now, random: (below) => randomInt(below) },
  };
}

async function loadAliases(directory: string, { kind, location }: AliasSource): Promise<string> {
  if (kind === 'file') return readIn(directory, location, 'alias file');
  try {
    const response = await fetch(location, { signal: AbortSignal.timeout(2000) });
    if (response.ok) return await response.text();
    throw new Error(`it answers ${response.status}`);
  } catch (error) {
    throw new ServiceError(
      400,
      'InvalidTaskFile',
      `cannot read the aliases of ${location}: ${messageOf(error)}`,
    );
  }
}

async function readIn(directory: string, file: string, what: string): Promise<string> {
  const found = path.resolve(directory, file);
  try {
    const [root, real] = await Promise.all([realpath(directory), realpath(found)]);
    if (!real.startsWith(path.join(root, path.sep))) throw new Error('it is outside the source');
    return await readFile(real, 'utf8');
  } catch (error) {
    throw new ServiceError(400, 'InvalidTaskFile', `cannot read the ${what} ${found}: ${messageOf(error)}`);
  }
}
