import path from 'node:path/posix';
import { messageOf } from '../model/index.ts';
import { readBuildLine } from './build-line.ts';
import { readCacheEntry, readNamedContext, readSecretMount, type SecretMount } from './build-values.ts';
import { parseImageReference } from './image-reference.ts';
import { splitShellWords } from './shell-words.ts';
import type { BuildCommand } from './task.ts';
import { isRemoteContext, workspacePath } from './workspace-path.ts';

/** How a build step's line is read. */
export interface BuildLineOptions {
  /** Of the step, as it was written. */
  readonly workingDirectory?: string | undefined;
  /** Must throw. */
  readonly fail: (what: string) => never;
  readonly warn: (what: string) => void;
}

/** Reads the line of a build step: flags of `docker build` and one context, `.` when it names none. */
export function readBuildCommand(line: string, options: BuildLineOptions): BuildCommand {
  const { fail, warn, workingDirectory } = options;
  const { flags, others } = readBuildLine(splitShellWords(line), fail);
  for (const { flag, value } of flags) {
    const { use } = flag;
    if (use.kind === 'refused' && !(flag.isSwitch && value === 'false'))
      fail(`has --${flag.name}, which is refused: ${use.why}`);
    if (use.kind === 'ignored') warn(`has --${flag.name}, which has no effect: ${use.why}`);
  }
  const all = (name: string): string[] =>
    flags.filter(({ flag }) => flag.name === name).map(({ value }) => value);
  const last = (name: string): string | undefined => all(name).at(-1);

  if (others.length > 1)
    fail(`names ${others.length} contexts (${others.join(', ')}); a build has one, after its flags`);
  const context = others[0] ?? '.';
  if (context === '-') fail('reads its context from the standard input, which steps do not have');
  const inWorkspace = (what: string, file: string): string =>
    workspacePath(workingDirectory, file) ??
    fail(`names the ${what} ${JSON.stringify(file)}; it must be in the workspace`);
  const isRemote = isRemoteContext(context);
  const contextPath = isRemote ? undefined : inWorkspace('context', context);
  const dockerfile = last('file');
  if (dockerfile === '-') fail('reads its Dockerfile from the standard input, which steps do not have');
  for (const tag of all('tag')) checkImage(tag, fail);
  const network = last('network');
  if (network !== undefined && !['default', 'bridge', 'host', 'none'].includes(network))
    fail(`has --network ${network}; a build can use default, none, or host where the pool allows it`);

  const target = last('target');
  const platform = last('platform');
  return {
    context,
    ...(dockerfile !== undefined && {
      dockerfile:
        contextPath === undefined
          ? dockerfile
          : path.relative(contextPath, inWorkspace('Dockerfile', dockerfile)),
    }),
    tags: all('tag'),
    buildArguments: all('build-arg').map((text) => {
      const at = text.indexOf('=');
      const name = at === -1 ? text : text.slice(0, at);
      if (name === '') fail(`has --build-arg ${JSON.stringify(text)}; it must be NAME or NAME=value`);
      return { name, ...(at !== -1 && { value: text.slice(at + 1) }) };
    }),
    ...(target !== undefined && { target }),
    ...(platform !== undefined && { platform }),
    isCacheIgnored: last('no-cache') === 'true',
    isPulled: last('pull') === 'true',
    // An absolute source may lie in the home or a volume: who performs the step knows.
    secrets: all('secret').map((text): SecretMount => {
      const secret = readSecretMount(text, fail);
      if (secret.source?.startsWith('/') === false) inWorkspace('secret', secret.source);
      return secret;
    }),
    cacheFrom: all('cache-from').map((text) => readCacheEntry('cache-from', text, fail)),
    cacheTo: all('cache-to').map((text) => readCacheEntry('cache-to', text, fail)),
    labels: all('label'),
    addHosts: all('add-host'),
    ...(network !== undefined && { network: network === 'bridge' ? 'default' : network }),
    otherFlags: [
      ...all('build-context').map((text) => {
        const { name, source } = readNamedContext(text, fail);
        const isElsewhere = source.includes('://') || isRemoteContext(source);
        if (isElsewhere || contextPath === undefined) return `--build-context=${name}=${source}`;
        const inside = path.relative(contextPath, inWorkspace('build context', source));
        return `--build-context=${name}=${inside === '' ? '.' : inside}`;
      }),
      ...flags
        .filter(({ flag }) => flag.use.kind === 'passed')
        .map(({ flag, value }) => `--${flag.name}=${value}`),
    ],
  };
}

function checkImage(tag: string, fail: (what: string) => never): void {
  try {
    if (parseImageReference(tag).digest !== undefined) fail(`has the tag ${tag}; a tag has no digest`);
  } catch (error) {
    fail(`has a wrong tag: ${messageOf(error)}`);
  }
}
