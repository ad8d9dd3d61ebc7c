import type { Header } from 'tar-stream';
import { invalidArchive, quote } from './errors.ts';
import type { SourceLimits } from './limits.ts';

interface EntryBase {
  /** Its name as the archive has it, for messages. */
  readonly name: string;
  /** Relative to the root, no empty parts, no `.` or `..`; `''` is the root itself. */
  readonly path: string;
  /** Seconds since 1970. */
  readonly mtimeSeconds: number;
}

/** One member of an archive, its names checked. */
export type ArchiveEntry =
  | (EntryBase & { readonly type: 'file'; readonly mode: number; readonly sizeBytes: number })
  | (EntryBase & { readonly type: 'directory'; readonly mode: number })
  | (EntryBase & { readonly type: 'symlink'; readonly target: string })
  | (EntryBase & { readonly type: 'hardlink'; readonly targetPath: string });

/** What tar-stream hands out, but for its types: an unknown type or a missing link name is null. */
type TarHeader = Pick<Header, 'name' | 'size' | 'mode' | 'mtime'> & {
  readonly type: Header['type'] | null;
  readonly linkname: string | null;
  readonly pax?: unknown;
};

const REFUSED_TYPES: Readonly<Record<string, string>> = {
  'character-device': 'is a device',
  'block-device': 'is a device',
  fifo: 'is a named pipe',
};
const LAST_MTIME = 253_402_300_799; // the end of the year 9999

/**
 * Reads a tar header as untrusted input. setuid, setgid and sticky bits, owner and extended attributes are
 * dropped; backslashes are ordinary characters.
 * @throws ServiceError 400 `InvalidSourceArchive`
 */
export function readEntry(header: TarHeader, limits: SourceLimits): ArchiveEntry {
  // az names the root itself so, in every archive
  const name = header.type === 'directory' && /^\/+$/.test(header.name) ? './' : header.name;
  const base = { name, path: cleanPath(name, name, limits), mtimeSeconds: mtimeOf(header) };
  const mode = header.mode & 0o777;
  switch (header.type) {
    case 'file':
    case 'contiguous-file':
      if (paxRecord(header, 'GNU.sparse.major') ?? paxRecord(header, 'GNU.sparse.map')) {
        throw refusal(name, 'is a sparse file, which is not supported');
      }
      // old tars mark a directory by its name only
      if (name.endsWith('/') && header.size === 0) return { ...base, type: 'directory', mode };
      if (base.path === '') throw refusal(name, 'is a file with the name of the root');
      return { ...base, type: 'file', mode, sizeBytes: header.size };
    case 'directory':
      return { ...base, type: 'directory', mode };
    case 'symlink': {
      const target = header.linkname ?? '';
      if (base.path === '') throw refusal(name, 'is a link with the name of the root');
      if (target === '') throw refusal(name, 'is a symbolic link without a target');
      checkText(name, target, limits);
      return { ...base, type: 'symlink', target };
    }
    case 'link':
      if (base.path === '') throw refusal(name, 'is a link with the name of the root');
      return { ...base, type: 'hardlink', targetPath: cleanPath(name, header.linkname ?? '', limits) };
    default: {
      const reason = REFUSED_TYPES[header.type ?? ''] ?? 'has a type that is not supported';
      throw refusal(name, `${reason}; only files, directories and links are taken`);
    }
  }
}

/** The refusal of one entry, named in the message. */
export function refusal(name: string, reason: string) {
  return invalidArchive(`entry ${quote(name)} of the source archive ${reason}`);
}

function cleanPath(entryName: string, path: string, limits: SourceLimits): string {
  const what = path === entryName ? '' : `links to ${quote(path)}, which `;
  checkText(entryName, path, limits);
  if (path.startsWith('/')) throw refusal(entryName, `${what}is an absolute path`);
  if (/^[a-z]:[\\/]/i.test(path)) throw refusal(entryName, `${what}is an absolute path with a drive letter`);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refusal(entryName, `${what}climbs with ..`);
  return parts.join('/');
}

function checkText(entryName: string, text: string, limits: SourceLimits): void {
  if (text.includes('\0')) throw refusal(entryName, 'has a NUL character in its name or target');
  const length = Buffer.byteLength(text);
  if (length > limits.maxPathLength) {
    throw refusal(
      entryName,
      `has a name or target of ${length} bytes; the limit is ${limits.maxPathLength} (maxPathLength)`,
    );
  }
}

function mtimeOf(header: TarHeader): number {
  const seconds = Number(paxRecord(header, 'mtime') ?? NaN);
  const time = Number.isFinite(seconds) ? seconds : header.mtime.getTime() / 1000;
  return Number.isFinite(time) ? Math.min(Math.max(time, 0), LAST_MTIME) : 0;
}

/** A record of the pax header before the entry, if there was one. */
function paxRecord({ pax }: TarHeader, key: string): string | undefined {
  if (typeof pax !== 'object' || pax === null) return undefined;
  const record = new Map(Object.entries(pax)).get(key) as unknown;
  return typeof record === 'string' ? record : undefined;
}
