import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { messageOf, ServiceError } from '../../model/index.ts';

export interface PackOptions {
  /** Is sent even if `.dockerignore` names it; relative to the directory. */
  readonly dockerfile?: string;
  /** Files that are sent likewise. */
  readonly needed?: readonly string[];
  /** Compression is worth its time over a network, not on one machine. */
  readonly isCompressed: boolean;
  /** Hears of each file that was packed. */
  readonly onFile?: () => void;
}

/** A directory as the tar stream that a build takes, without what its `.dockerignore` leaves out. */
export async function packContext(directory: string, options: PackOptions): Promise<Readable> {
  const found = await lstat(directory).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new ServiceError(
      400,
      'NoContext',
      `${directory} is no directory; name the one that holds the source`,
    );
  }
  const { dockerfile = 'Dockerfile', needed = [] } = options;
  const isWanted = await readIgnoreFile(directory, dockerfile, needed);
  const tar = pack();
  addDirectory(tar, directory, '', isWanted, options.onFile ?? (() => {})).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(new Error(`cannot pack ${directory}: ${messageOf(error)}`)),
  );
  const stream = Readable.from(tar as AsyncIterable<Uint8Array>);
  if (!options.isCompressed) return stream;
  const gzip = createGzip({ level: 1 });
  pipeline(stream, gzip).catch(() => {}); // the error comes out of gzip as well
  return gzip;
}

type IsWanted = (relativePath: string) => boolean;

async function readIgnoreFile(
  directory: string,
  dockerfile: string,
  others: readonly string[],
): Promise<IsWanted> {
  // A Dockerfile's own ignore file goes before the general one, as in Docker.
  for (const name of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const text = await readFile(path.join(directory, name), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const { default: dockerignore } = await import('@balena/dockerignore');
    const matcher = dockerignore.default().add(text);
    const needed = new Set([
      path.normalize(dockerfile),
      ...others.map((name) => path.normalize(name)),
      `${path.normalize(dockerfile)}.dockerignore`,
      '.dockerignore',
    ]);
    return (relativePath) => needed.has(relativePath) || !matcher.ignores(relativePath);
  }
  return () => true;
}

/** Folders are always walked: a later `!pattern` may want something below an ignored one. */
async function addDirectory(
  tar: Pack,
  root: string,
  folder: string,
  isWanted: IsWanted,
  onFile: () => void,
): Promise<void> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = path.join(folder, entry.name);
    const file = path.join(root, name);
    if (entry.isDirectory()) {
      if (isWanted(name)) {
        const { mode, mtime } = await lstat(file);
        tar.entry({ name, type: 'directory', mode: mode & 0o7777, mtime });
      }
      await addDirectory(tar, root, name, isWanted, onFile);
    } else if (isWanted(name)) {
      await addFile(tar, name, file);
      onFile();
    }
  }
}

async function addFile(tar: Pack, name: string, file: string): Promise<void> {
  const { mode, mtime, size, ...kind } = await lstat(file).then((stat) => ({
    mode: stat.mode & 0o7777,
    mtime: stat.mtime,
    size: stat.size,
    isLink: stat.isSymbolicLink(),
    isFile: stat.isFile(),
  }));
  if (kind.isLink) {
    tar.entry({ name, type: 'symlink', linkname: await readlink(file), mode, mtime });
  } else if (kind.isFile && size > 0) {
    await pipeline(createReadStream(file, { end: size - 1 }), tar.entry({ name, mode, mtime, size }));
  } else if (kind.isFile) {
    tar.entry({ name, mode, mtime, size: 0 }, '');
  } // sockets and the like have no place in a build
}
