import { realpath, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../model/index.ts';

/** A secret of a build: a file of this machine, or a variable of the environment. */
export interface BuildSecret {
  readonly id: string;
  /** The path of a file that the build may see: who asks for it has looked where it is. */
  readonly source?: string;
  readonly variable?: string;
}

/** The real path of a file, every link followed, and whether it lies in one of the directories; undefined for no file. */
async function findFile(
  file: string,
  directories: readonly string[],
): Promise<{ file: string; isInside: boolean } | undefined> {
  const found = await realpath(file).catch(() => undefined);
  if (found === undefined || !(await stat(found)).isFile()) return undefined;
  const roots = await Promise.all(directories.map((each) => realpath(each)));
  return { file: found, isInside: roots.some((root) => found.startsWith(`${root}${path.sep}`)) };
}

/** The Dockerfile's real path. It may lie anywhere in the context or the workspace; a link that leads out is refused. */
export async function findDockerfile(
  contextDirectory: string,
  workspaceDirectory: string,
  name: string,
): Promise<string> {
  const context = await realpath(contextDirectory);
  const found = await findFile(path.resolve(context, name), [context, workspaceDirectory]);
  if (found?.isInside) return found.file;
  const message = found
    ? `the Dockerfile ${JSON.stringify(name)} lies outside of the source`
    : `unable to find the Dockerfile ${JSON.stringify(name)} in the source; name it with --file, relative to the context`;
  throw new ServiceError(400, 'DockerfileNotFound', message);
}

/**
 * The `--secret` flags of a build. Values of the environment go through files, which every client reads.
 * @throws ServiceError 400 `SecretNotFound`
 */
export async function secretFlags(
  secrets: readonly BuildSecret[],
  environment: ReadonlyMap<string, string>,
  scratchDirectory: string,
): Promise<string[]> {
  const flags: string[] = [];
  for (const [index, { id, source, variable = id }] of secrets.entries()) {
    let file: string;
    if (source !== undefined) {
      file = source;
    } else {
      const value = environment.get(variable);
      if (value === undefined) throw notFound(id, `the environment of the step has no ${variable}`);
      file = path.join(scratchDirectory, `secret-${index}`);
      await writeFile(file, value, { mode: 0o600 });
    }
    flags.push('--secret', [`id=${id}`, `src=${file}`].map(csvField).join(','));
  }
  return flags;
}

function notFound(id: string, reason: string): ServiceError {
  return new ServiceError(400, 'SecretNotFound', `the secret ${id} of the build is not there: ${reason}`);
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
