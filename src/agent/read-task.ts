import { randomInt } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { messageOf, Secret, ServiceError, type RunVariables } from '../model/index.ts';
import type { TaskFileWork, TaskText } from '../protocol/index.ts';
import { resolveInside } from '../sources/index.ts';
import {
  aliasSourcesOf,
  readTaskFile,
  taskFileSecrets,
  type AliasSource,
  type ReadTask,
  type TaskSecret,
} from '../taskfile/index.ts';

/** A task file, values file or alias file may be so long. */
const maxTextBytes = 1024 * 1024;
const aliasTimeoutMs = 2000;
/** All are asked for at the same time. */
const maxAliasSources = 20;

export interface ReadTaskDeps {
  /** The source; files are looked for in it and nowhere else. */
  readonly sourceDirectory: string;
  readonly variables: RunVariables;
  readonly imageAliases: Readonly<Record<string, string>>;
  /** The values of the secrets that the file names, by their ids. */
  resolveSecrets(secrets: readonly TaskSecret[]): Promise<Readonly<Record<string, string>>>;
  /** Hears of secrets before they are used. */
  onSecrets(secrets: readonly Secret[]): void;
}

/** Reads the task of a run. @throws ServiceError 400 that says what is wrong with its texts. */
export async function readWorkTask(
  deps: ReadTaskDeps,
  work: TaskFileWork,
  signal: AbortSignal,
): Promise<ReadTask> {
  const { sourceDirectory, variables } = deps;
  const text = await textOf(sourceDirectory, work.taskFile, 'task file');
  const valuesText = work.valuesFile && (await textOf(sourceDirectory, work.valuesFile, 'values file'));
  const sources = aliasSourcesOf(text);
  if (sources.length > maxAliasSources) {
    const message = `the task file has ${sources.length} alias sources; it may have at most ${maxAliasSources}`;
    throw new ServiceError(400, 'InvalidTaskFile', message, { target: 'alias.src' });
  }
  const aliasSources = await Promise.all(
    sources.map((source) => aliasSource(sourceDirectory, source, signal)),
  );
  const input = {
    ...{ text, aliasSources, values: work.values, run: variables },
    ...(work.taskFile.kind === 'path' && { name: work.taskFile.path }),
    ...(valuesText !== undefined && { valuesText }),
    imageAliases: deps.imageAliases,
    surroundings: { now: new Date(), random: (below: number) => randomInt(below) },
  };
  deps.onSecrets(work.values.filter(({ isSecret }) => isSecret).map(({ value }) => new Secret(value)));
  const named = taskFileSecrets(input);
  const secrets = named.length > 0 ? await deps.resolveSecrets(named) : {};
  deps.onSecrets(Object.values(secrets).map((value) => new Secret(value)));
  const read = readTaskFile({ ...input, secrets });
  const volumeFiles = read.task.volumes.flatMap(({ secret }) => Object.values(secret));
  deps.onSecrets(volumeFiles.map((content) => new Secret(Buffer.from(content, 'base64').toString('utf8'))));
  return read;
}

async function textOf(sourceDirectory: string, given: TaskText, what: string): Promise<string> {
  return given.kind === 'text' ? given.text : readInside(sourceDirectory, given.path, what);
}

async function readInside(sourceDirectory: string, name: string, what: string): Promise<string> {
  const file = await resolveInside(sourceDirectory, name);
  const found = file === undefined ? undefined : await stat(file);
  if (file === undefined || !found?.isFile()) {
    const message = `unable to find the ${what} ${JSON.stringify(name)} in the source; its path is relative to the context`;
    throw new ServiceError(400, 'TaskFileNotFound', message);
  }
  if (found.size > maxTextBytes) throw tooLong(what, name);
  return readFile(file, 'utf8');
}

async function aliasSource(
  sourceDirectory: string,
  source: AliasSource,
  signal: AbortSignal,
): Promise<string> {
  const { kind, location } = source;
  if (kind === 'file') return readInside(sourceDirectory, location, 'alias file');
  try {
    const response = await fetch(location, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(aliasTimeoutMs)]),
    });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of response.body ?? []) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > maxTextBytes) throw tooLong('alias file', location);
    }
    return Buffer.concat(pieces).toString('utf8');
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ServiceError) throw error;
    const message = `the alias file ${location} cannot be read within ${aliasTimeoutMs / 1000} seconds: ${messageOf(error)}`;
    throw new ServiceError(400, 'TaskFileNotFound', message, { cause: error });
  }
}

function tooLong(what: string, name: string): ServiceError {
  const message = `the ${what} ${JSON.stringify(name)} is longer than ${maxTextBytes} bytes`;
  return new ServiceError(400, 'TaskFileTooLong', message);
}
