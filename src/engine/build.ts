import { mkdtemp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../model/index.ts';
import {
  passBuildArguments,
  readEnvironment,
  type BuildArgument,
  type ValuedArgument,
} from './build-arguments.ts';
import { planCache, type CacheAbilities } from './build-cache.ts';
import { findDockerfile, secretFlags, type BuildSecret } from './build-files.ts';
import { checkOtherFlags } from './build-flags.ts';
import { runChild, type OnOutput } from './child.ts';
import type { BuildLimits } from './limits.ts';

export interface BuildOptions {
  readonly contextDirectory: string;
  /** What the build may read besides its context; default: the context alone. */
  readonly workspaceDirectory?: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly target?: string;
  readonly buildArguments: readonly BuildArgument[];
  /** `K=V`; for build arguments and secrets that name a variable. */
  readonly environment?: readonly string[];
  readonly secrets?: readonly BuildSecret[];
  /** `linux/arm64/v8` */
  readonly platform?: string;
  readonly noCache: boolean;
  /** Base images are asked for anew. */
  readonly isPulled?: boolean;
  /** As `--cache-from` and `--cache-to` of docker build; see `planCache`. */
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: readonly string[];
  /** A cache in a registry that the build reads, and writes when it succeeds. No trouble with it fails the build. */
  readonly registryCache?: { readonly reference: string };
  /** `K=V` */
  readonly labels?: readonly string[];
  /** `host:address` */
  readonly addHosts?: readonly string[];
  /** Of the RUN instructions: `default`, `none` or `host`. */
  readonly network?: string;
  /** `--name=value`; see `checkOtherFlags`. */
  readonly otherFlags?: readonly string[];
  /** What its steps may take of the machine, where it can be enforced. */
  readonly limits?: BuildLimits;
  readonly dockerConfigDirectory: string;
  /** Where files may be put that are of no use after the build; the caller removes it. */
  readonly scratchDirectory: string;
  readonly onOutput: OnOutput;
  readonly signal: AbortSignal;
}

/**
 * `docker build` with BuildKit. Values of arguments and secrets show in no process list.
 * @returns the image, and the names under which it is to be pushed because it holds the cache
 * @throws ServiceError 400 `DockerfileNotFound`, `SecretNotFound`, `InvalidArgument`, `BuildFailed`
 */
export async function build(
  cli: { program: string; env: NodeJS.ProcessEnv },
  abilities: CacheAbilities,
  options: BuildOptions & { readonly buildArguments: readonly ValuedArgument[] },
): Promise<{ imageId: string; cachePushes: readonly string[] }> {
  const { contextDirectory, workspaceDirectory = contextDirectory, onOutput } = options;
  const { hasBuildx } = abilities;
  const scratch = await mkdtemp(path.join(options.scratchDirectory, 'build-'));
  const environment = readEnvironment(options.environment ?? []);
  const dockerfile = await findDockerfile(contextDirectory, workspaceDirectory, options.dockerfile);
  const secrets = await secretFlags(options.secrets ?? [], environment, scratch);
  const { otherFlags = [], cacheFrom = [], cacheTo = [] } = options;
  const others = await checkOtherFlags(otherFlags, hasBuildx, contextDirectory, workspaceDirectory);
  const cache = planCache(abilities, cacheFrom, cacheTo, options.registryCache?.reference);
  for (const note of cache.notes) await onOutput(Buffer.from(`${note}\n`));
  const { args, env } = passBuildArguments(options.buildArguments);
  const idFile = path.join(scratch, 'image-id');
  const line = ['build', '--progress', 'plain', '--iidfile', idFile, '--file', dockerfile];
  const each = (flag: string, values: readonly string[] = []): void => {
    for (const value of values) line.push(flag, value);
  };
  each('--tag', options.tags);
  each('--label', options.labels);
  each('--add-host', options.addHosts);
  if (options.target !== undefined) line.push('--target', options.target);
  if (options.platform !== undefined) line.push('--platform', options.platform);
  if (options.network !== undefined) line.push('--network', options.network);
  if (options.noCache) line.push('--no-cache');
  if (options.isPulled) line.push('--pull');
  const code = await runChild(
    cli.program,
    [...line, ...cache.flags, ...secrets, ...others, ...args, '--', '.'],
    {
      env: { ...cli.env, ...env, DOCKER_BUILDKIT: '1', DOCKER_CONFIG: options.dockerConfigDirectory },
      cwd: contextDirectory,
      onOutput,
      signal: options.signal,
    },
  );
  if (code !== 0) throw new ServiceError(400, 'BuildFailed', `failed to build: exit status ${code}`);
  return { imageId: (await readFile(idFile, 'utf8')).trim(), cachePushes: cache.pushes };
}
