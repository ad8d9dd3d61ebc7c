/** What a docker client and its engine can do with the cache of builds. */
export interface CacheAbilities {
  /** The client is buildx: it takes `--cache-to`, and attributes in `--cache-from`. */
  readonly hasBuildx: boolean;
  /** The engine can write a registry cache of all stages (`mode=max`): it keeps its images with containerd. */
  readonly hasCacheExport: boolean;
}

export interface CachePlan {
  readonly flags: readonly string[];
  /** Where the image is to be pushed after the build, because its cache is in the image itself. */
  readonly pushes: readonly string[];
  /** What cannot be done here. */
  readonly notes: readonly string[];
}

const inlineFlag = 'BUILDKIT_INLINE_CACHE=1';

/**
 * How a build reads and keeps caches. An engine that cannot write a registry cache keeps the cache in the
 * image (inline: the layers of the last stage), which is then pushed under the reference of the cache.
 * @param cacheFrom as `--cache-from`: a reference, or `type=registry,ref=…`
 * @param cacheTo as `--cache-to`: `type=registry,ref=…` or `type=inline`
 * @param registryCache reference of a cache to be read and written
 */
export function planCache(
  { hasBuildx, hasCacheExport }: CacheAbilities,
  cacheFrom: readonly string[],
  cacheTo: readonly string[],
  registryCache: string | undefined,
): CachePlan {
  const flags: string[] = [];
  const pushes: string[] = [];
  const notes: string[] = [];
  let isInline = false;
  for (const text of registryCache === undefined ? cacheFrom : [...cacheFrom, registryCache]) {
    const { type, ref } = readEntry(text);
    if (type !== 'registry' || ref === undefined)
      notes.push(`--cache-from ${text}: only registries are read`);
    else flags.push('--cache-from', hasBuildx && text !== ref ? text : ref);
  }
  for (const text of registryCache === undefined
    ? cacheTo
    : [...cacheTo, `type=registry,ref=${registryCache},mode=max`]) {
    const { type, ref } = readEntry(text);
    if (type === 'registry' && ref !== undefined) {
      if (hasBuildx && hasCacheExport) flags.push('--cache-to', `${text},ignore-error=true`);
      else {
        isInline = true;
        pushes.push(withTag(ref));
      }
    } else if (type === 'inline') isInline = true;
    else notes.push(`--cache-to ${text}: only type=registry and type=inline can be written`);
  }
  if (isInline) flags.push('--build-arg', inlineFlag);
  return { flags, pushes, notes };
}

/** What a quote may hide (buildx reads CSV) has no type. */
function readEntry(text: string): { type: string; ref?: string } {
  if (!text.includes('=')) return { type: 'registry', ref: text };
  if (/["\r\n]/.test(text)) return { type: '' };
  const members = new Map(
    text.split(',').map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
    }),
  );
  const ref = members.get('ref');
  return { type: members.get('type')?.toLowerCase() ?? '', ...(ref !== undefined && { ref }) };
}

function withTag(reference: string): string {
  return /:[^/:]+$/.test(reference) ? reference : `${reference}:latest`;
}
