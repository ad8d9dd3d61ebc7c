import { closeSync, constants, fchmodSync, futimesSync, linkSync, mkdirSync, openSync, write } from 'node:fs';
import { chmodSync, lutimesSync, rmSync, symlinkSync, utimesSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ArchiveEntry } from './archive-entry.ts';
import type { ArchiveTree } from './archive-tree.ts';

const writeAsync = promisify(write);
/** Up to this size a file is written at once: a system call is then cheaper than a thread. */
const SMALL_BYTES = 128 * 1024;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Writes entries below `root`, an empty directory that nobody else writes to. */
export function createWriter(root: string, tree: ArchiveTree) {
  const onDisk = (path: string) => `${root}/${path}`;

  async function writeFile(
    entry: ArchiveEntry & { type: 'file' },
    content: AsyncIterable<Buffer>,
  ): Promise<void> {
    const fd = openSync(onDisk(entry.path), NEW_FILE, 0o600);
    try {
      for await (const chunk of content) {
        let at = 0;
        while (at < chunk.length) {
          at +=
            entry.sizeBytes <= SMALL_BYTES
              ? writeSync(fd, chunk, at)
              : (await writeAsync(fd, chunk, at, chunk.length - at, null)).bytesWritten;
        }
      }
      fchmodSync(fd, entry.mode); // the mode of open(2) would lose the umask's bits
      futimesSync(fd, entry.mtimeSeconds, entry.mtimeSeconds);
    } finally {
      closeSync(fd);
    }
  }

  return {
    async write(entry: ArchiveEntry, content: AsyncIterable<Buffer>): Promise<void> {
      if (entry.path === '') return; // the root has its mode from the caller
      if (entry.type === 'hardlink') {
        const target = tree.linkTarget(entry);
        // a second name of a symbolic link is a link of its own, judged from where it stands
        if (target.type === 'symlink') {
          return this.write({ ...entry, type: 'symlink', target: target.target }, content);
        }
      }
      const { newDirectories, isReplacement } = tree.add(entry);
      for (const path of newDirectories) mkdirSync(onDisk(path), 0o700);
      if (isReplacement) rmSync(onDisk(entry.path));
      if (entry.type === 'file') await writeFile(entry, content);
      if (entry.type === 'hardlink') linkSync(onDisk(entry.targetPath), onDisk(entry.path));
    },

    /** When all entries are written: the symbolic links, then modes and times of the directories. */
    finish(): void {
      tree.checkLinks();
      for (const [path, node] of tree.nodes) {
        if (node.type !== 'symlink') continue;
        symlinkSync(node.target, onDisk(path));
        lutimesSync(onDisk(path), node.mtimeSeconds, node.mtimeSeconds);
      }
      for (const [path, node] of tree.nodes) {
        if (node.type !== 'directory') continue;
        chmodSync(onDisk(path), node.mode | 0o700); // the owner can always clean up
        if (node.mtimeSeconds !== undefined) utimesSync(onDisk(path), node.mtimeSeconds, node.mtimeSeconds);
      }
    },
  };
}
