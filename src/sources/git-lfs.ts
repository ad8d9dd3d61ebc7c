import { lstat, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, quote } from './errors.ts';
import type { Git } from './git-command.ts';
import { failure } from './git-failure.ts';
import { offenceOfHost } from './git-reach.ts';
import { offenceOf, type SourceCount } from './git-tree.ts';

/**
 * Replaces the Git LFS pointers of a checked-out tree by their files, with git-lfs(1); nothing is started
 * where no `.gitattributes` asks for it. What `.lfsconfig` excludes (`lfs.fetchexclude`) stays a pointer.
 * @throws ServiceError 400 `SourceFetchFailed`, before anything is downloaded when the sizes in the pointers
 * pass a limit
 */
export async function bringLfsFiles(
  git: Git,
  attributeFiles: readonly string[],
  count: SourceCount,
): Promise<void> {
  if (!(await asksForLfs(git.directory, attributeFiles))) return;
  const pointers = await findPointers(git);
  if (pointers.length === 0) return;
  for (const { sizeBytes } of pointers) count.bytes += sizeBytes;
  const offence = offenceOf(count);
  if (offence !== undefined) throw failure(`with Git LFS, ${offence}`, git.fetch);

  const config = [
    'filter.lfs.process=git-lfs filter-process',
    'filter.lfs.smudge=git-lfs smudge -- %f',
    'filter.lfs.clean=git-lfs clean -- %f',
    'filter.lfs.required=true',
    // Said here, .lfsconfig has no say in it (git-lfs-config(5), LFSCONFIG).
    `lfs.url=${await findLfsUrl(git)}`,
    'lfs.skipDownloadErrors=false',
    'lfs.basicTransfersOnly=true',
    'lfs.transfer.maxRetries=3',
    'lfs.activityTimeout=120',
  ];
  // git writes anew what is missing, and lets git-lfs load many at a time
  for (const { path } of pointers) await rm(path);
  const args = config.flatMap((line) => ['-c', line]);
  const maxFileBytes = Math.max(...pointers.map(({ sizeBytes }) => sizeBytes), MIN_FILE_LIMIT_BYTES);
  await git.must([...args, 'checkout', '--quiet', '--force', '--', '.'], { maxFileBytes });
}

/** So that git's index, for example, has room. */
const MIN_FILE_LIMIT_BYTES = 256 * 1024 ** 2;

/** git passes over bigger `.gitattributes` (ATTR_MAX_FILE_SIZE in its attr.h). */
const MAX_ATTRIBUTES_BYTES = 100 * 1024 ** 2;

async function asksForLfs(directory: string, attributeFiles: readonly string[]): Promise<boolean> {
  for (const name of attributeFiles) {
    const path = join(directory, name);
    const stat = await lstat(path).catch(ifMissing);
    if (stat === undefined) return true; // a name that is not UTF-8: git may know
    if (stat.size > MAX_ATTRIBUTES_BYTES) continue;
    if (/\bfilter=lfs\b/.test(await readFile(path, 'latin1'))) return true;
  }
  return false;
}

interface Pointer {
  /** Absolute, and bytes, since git's names need not be UTF-8. */
  readonly path: Buffer;
  readonly sizeBytes: number;
}

/** A bigger file is none (git-lfs-pointer(1), docs/spec.md). */
const MAX_POINTER_BYTES = 1024;

async function findPointers(git: Git): Promise<Pointer[]> {
  const chunks: Buffer[] = [];
  const onStdout = (chunk: Buffer) => chunks.push(chunk) > 0;
  await git.must(['ls-files', '-z', '--', ':(attr:filter=lfs)'], { onStdout });
  const found: Pointer[] = [];
  for (const name of Buffer.concat(chunks).toString('latin1').split('\0')) {
    const path = Buffer.concat([Buffer.from(`${git.directory}/`), Buffer.from(name, 'latin1')]);
    const stat = await lstat(path).catch(ifMissing);
    if (!stat?.isFile() || stat.size >= MAX_POINTER_BYTES) continue;
    const sizeBytes = sizeInPointer(await readFile(path, 'utf8'));
    if (sizeBytes !== undefined) found.push({ path, sizeBytes });
  }
  return found;
}

/** As generous as git-lfs with older versions of the format, so that nothing that it loads is not counted. */
function sizeInPointer(text: string): number | undefined {
  if (!/git-lfs|hawser|git-media/.test(text)) return undefined;
  const size = /^size \+?(\d+)\r?$/m.exec(text)?.[1];
  return size === undefined ? undefined : Number(size);
}

/** What `.lfsconfig` says, else what belongs to the repository (server-discovery.md of git-lfs). */
async function findLfsUrl(git: Git): Promise<string> {
  const { origin, url } = git.fetch;
  const configured = await readLfsUrl(git);
  if (configured === undefined) return `${url.replace(/(\.git)?\/*$/, '')}.git/info/lfs`;
  const parsed = URL.parse(configured);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw failure(
      `its .lfsconfig wants Git LFS from ${quote(configured)}; only https and http are allowed`,
      git.fetch,
    );
  }
  const offence = await offenceOfHost(parsed.href, origin);
  if (offence !== undefined) throw failure(`its .lfsconfig: ${offence}`, git.fetch);
  parsed.username = parsed.password = parsed.hash = '';
  return parsed.href;
}

async function readLfsUrl(git: Git): Promise<string | undefined> {
  const stat = await lstat(join(git.directory, '.lfsconfig')).catch(ifMissing);
  if (!stat?.isFile()) return undefined;
  for (const key of ['lfs.url', 'remote.origin.lfsurl']) {
    const { stdout } = await git.run(['config', '--no-includes', '--file', '.lfsconfig', '--get', key]);
    if (stdout.trim() !== '') return stdout.trim();
  }
  return undefined;
}

function ifMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}
