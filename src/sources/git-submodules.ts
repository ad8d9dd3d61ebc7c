import { join } from 'node:path';
import { resolveInside } from './directory.ts';
import { quote } from './errors.ts';
import type { Git } from './git-command.ts';
import { failure, type FailedFetch } from './git-failure.ts';
import { offenceOfHost } from './git-reach.ts';
import type { TreeExtras } from './git-tree.ts';

/** A commit that a submodule is wanted at, and where it belongs. */
export interface Submodule {
  readonly directory: string;
  readonly fetch: FailedFetch;
}

/**
 * The submodules of a checked-out tree: the commits that it records, from the URLs of its `.gitmodules`
 * (gitmodules(5); `update = none` leaves one out). User and password of such a URL are not used.
 * @throws ServiceError 400 `SourceFetchFailed` for a URL or path that is not allowed
 */
export async function findSubmodules(
  git: Git,
  { gitlinks, hasGitmodules }: TreeExtras,
): Promise<Submodule[]> {
  // a commit may link to others without a .gitmodules; there is nothing to fetch then
  if (gitlinks.length === 0 || !hasGitmodules) return [];
  const modules = await readModules(git);
  const found: Submodule[] = [];
  for (const { path, commit } of gitlinks) {
    const { url, update } = modules.get(path) ?? {};
    if (update === 'none') continue;
    if (url === undefined) throw failure(`its submodule ${quote(path)} has no URL`, git.fetch);
    const fetch = submoduleFetch(git.fetch, { path, commit, url: URL.parse(url, `${git.fetch.url}/`) });
    const directory = join(git.directory, path);
    if ((await resolveInside(git.directory, path)) !== directory) {
      throw failure('its path leads out of the repository', fetch);
    }
    if (!isRelative(url)) {
      const transport = transportOf(url);
      if (!/^https?$/.test(transport)) {
        const reason = `its URL uses the transport ${quote(transport)}; only https and http are allowed`;
        throw failure(reason, fetch);
      }
      if (fetch.url === '') throw failure(`its URL ${quote(url)} is not valid`, fetch);
      const offence = await offenceOfHost(fetch.url, git.fetch.origin);
      if (offence !== undefined) throw failure(offence, fetch);
    }
    found.push({ directory, fetch });
  }
  return found;
}

interface Module {
  path?: string;
  url?: string;
  update?: string;
}

/** By path. */
async function readModules(git: Git): Promise<Map<string, Module>> {
  const chunks: Buffer[] = [];
  const onStdout = (chunk: Buffer) => chunks.push(chunk) > 0;
  await git.must(['config', '--no-includes', '--file', '.gitmodules', '--list', '-z'], { onStdout });
  const byName = new Map<string, Module>();
  for (const line of Buffer.concat(chunks).toString().split('\0')) {
    const [, name, key, value] = /^submodule\.([^]*)\.(path|url|update)\n([^]*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    byName.set(name, { ...byName.get(name), [key as keyof Module]: value }); // key is of the pattern
  }
  return new Map([...byName.values()].map((module) => [module.path?.replace(/\/+$/, '') ?? '', module]));
}

function submoduleFetch(
  parent: FailedFetch,
  { path, commit, url }: { path: string; commit: string; url: URL | null },
): FailedFetch {
  if (url !== null) url.username = url.password = url.hash = '';
  return {
    ...parent,
    url: url?.href ?? '',
    ref: commit,
    hasCredential: parent.hasCredential && url?.origin === new URL(parent.origin).origin,
    submodule: parent.submodule === undefined ? path : `${parent.submodule}/${path}`,
  };
}

function isRelative(url: string): boolean {
  return /^\.\.?\//.test(url);
}

/** What git would take: `ext` of `ext::…`, `ssh` of `host:path` and `file` of a path (git-clone(1), GIT URLS). */
function transportOf(url: string): string {
  const named = /^([a-z0-9][a-z0-9+.-]*)(::|:\/\/)/i.exec(url)?.[1];
  if (named !== undefined) return named.toLowerCase();
  return /^[^/]+:/.test(url) ? 'ssh' : 'file';
}
