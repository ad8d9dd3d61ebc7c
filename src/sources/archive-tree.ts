import { refusal, type ArchiveEntry } from './archive-entry.ts';
import { invalidArchive, quote } from './errors.ts';
import { checkLinks } from './archive-links.ts';
import { MAX_NAME_BYTES, type SourceLimits } from './limits.ts';

export type TreeNode =
  | { readonly type: 'file' }
  | { readonly type: 'directory'; mode: number; mtimeSeconds: number | undefined }
  | {
      readonly type: 'symlink';
      readonly name: string;
      readonly target: string;
      readonly mtimeSeconds: number;
    };

/** What an unpacked archive looks like so far, by path; `''` is not in it. */
export type Tree = Map<string, TreeNode>;

/** What to do on disk so that the disk follows the tree. */
export interface Step {
  /** Directories that only the path of the entry names, outermost first. */
  readonly newDirectories: readonly string[];
  /** An earlier file of the same name goes first, so that nothing is written through a hard link. */
  readonly isReplacement: boolean;
}

/**
 * Keeps the tree of an archive that is being unpacked. It is the only judge of where a path leads: the disk
 * is never asked, and symbolic links come to it last, so no entry can be written through one.
 */
export function createTree(limits: SourceLimits) {
  const nodes: Tree = new Map();
  let entries = 0;
  let nameBytes = 0;

  function count(entry: ArchiveEntry, bytes: number): void {
    if (++entries > limits.maxEntries) {
      throw refusal(entry.name, `is one too many; the limit is ${limits.maxEntries} entries (maxEntries)`);
    }
    nameBytes += bytes;
    if (nameBytes > MAX_NAME_BYTES) {
      throw refusal(entry.name, `is too much: all names together may have ${MAX_NAME_BYTES} bytes`);
    }
  }

  function openParents(entry: ArchiveEntry): string[] {
    const created: string[] = [];
    let end = entry.path.lastIndexOf('/');
    for (; end > 0; end = entry.path.lastIndexOf('/', end - 1)) {
      const parent = entry.path.slice(0, end);
      const node = nodes.get(parent);
      if (node?.type === 'directory') break; // and so is everything above it
      if (node?.type === 'symlink') {
        throw refusal(entry.name, `lies below ${quote(parent)}, which is a symbolic link`);
      }
      if (node?.type === 'file') throw refusal(entry.name, `lies below ${quote(parent)}, which is a file`);
      count(entry, parent.length);
      created.push(parent);
    }
    for (const parent of created) {
      nodes.set(parent, { type: 'directory', mode: 0o755, mtimeSeconds: undefined });
    }
    return created.reverse();
  }

  return {
    nodes,

    /** Takes an entry in. @throws ServiceError 400 `InvalidSourceArchive` when it does not fit the tree */
    add(entry: ArchiveEntry): Step {
      count(entry, entry.path.length + (entry.type === 'symlink' ? entry.target.length : 0));
      const newDirectories = openParents(entry);
      const before = nodes.get(entry.path);
      const isDirectory = entry.type === 'directory';
      if (before !== undefined && (before.type === 'directory') !== isDirectory) {
        throw refusal(entry.name, `was a ${before.type} earlier in the archive and is now a ${entry.type}`);
      }
      if (entry.type === 'directory') {
        const { mode, mtimeSeconds } = entry;
        nodes.set(entry.path, { type: 'directory', mode, mtimeSeconds });
        if (before === undefined) newDirectories.push(entry.path);
      } else if (entry.type === 'symlink') {
        const { name, target, mtimeSeconds } = entry;
        nodes.set(entry.path, { type: 'symlink', name, target, mtimeSeconds });
      } else {
        nodes.set(entry.path, { type: 'file' });
      }
      return { newDirectories, isReplacement: before?.type === 'file' };
    },

    /** What a hard link may link to: an earlier file or symbolic link. */
    linkTarget(entry: ArchiveEntry & { type: 'hardlink' }): TreeNode {
      const node = nodes.get(entry.targetPath);
      if (entry.targetPath === entry.path) throw refusal(entry.name, 'is a hard link to itself');
      if (node === undefined) {
        throw refusal(
          entry.name,
          `is a hard link to ${quote(entry.targetPath)}, which is not in the archive before it`,
        );
      }
      if (node.type === 'directory') throw refusal(entry.name, 'is a hard link to a directory');
      return node;
    },

    /** Refuses a symbolic link that leads outside. To be called when all entries are in. */
    checkLinks(): void {
      checkLinks(nodes, (link, reason) =>
        invalidArchive(
          `entry ${quote(link.name)} of the source archive is a symbolic link to ${quote(link.target)}, which ${reason}`,
        ),
      );
    },
  };
}

export type ArchiveTree = ReturnType<typeof createTree>;
