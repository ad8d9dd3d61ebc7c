import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fetchArchive } from './archive.ts';
import { prepareDirectory } from './directory.ts';
import { fetchFailed } from './errors.ts';
import { withDefaults, type SourceLimits } from './limits.ts';
import type { OciLocation } from './location.ts';
import { manifestTypes, readManifest, type Layer } from './oci-manifest.ts';
import { measure, mergeInto } from './oci-merge.ts';
import { openRepository, readBody, type RegistryOptions } from './oci-registry.ts';
import { namedErrors } from './tarball.ts';

export interface FetchOciOptions extends RegistryOptions {
  readonly limits?: Partial<SourceLimits> | undefined;
}

const maxManifestBytes = 4 * 1024 * 1024; // OCI distribution §3.2

/**
 * Brings an artifact of a registry into `directory` (made if need be; must be empty): its layers one after
 * another, archives unpacked as `fetchArchive` does, files at the path of their title. Every digest is checked.
 * @throws ServiceError 400 `SourceFetchFailed`, or `InvalidSourceArchive` as `fetchArchive`
 */
export async function fetchOci(
  location: OciLocation,
  directory: string,
  options: FetchOciOptions = {},
): Promise<void> {
  const { registry, repository, reference } = location;
  const name = `oci://${registry}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
  const repositoryOf = openRepository(registry, repository, options);
  const root = await prepareDirectory(directory);
  const limits = withDefaults(options.limits);
  let { maxTotalBytes, maxEntries } = limits;

  const manifestOf = async (wanted: string): Promise<ReturnType<typeof readManifest>> => {
    const response = await repositoryOf.get(`manifests/${wanted}`, manifestTypes);
    const bytes = await readBody(response, maxManifestBytes, name);
    if (wanted.includes(':') && digestOf(bytes) !== wanted) throw damaged(name, wanted);
    return readManifest(bytes.toString('utf8'), name);
  };

  const checked = new Set<Layer>();
  /** Checked when it has been read to its end. */
  async function* bytesOf(layer: Layer): AsyncGenerator<Uint8Array> {
    const { digest, sizeBytes } = layer;
    const response = await repositoryOf.get(`blobs/${digest}`, '*/*');
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of namedErrors(response.body, name, options.signal)) {
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes > sizeBytes) throw damaged(name, digest);
      yield chunk;
    }
    if (`sha256:${hash.digest('hex')}` !== digest) throw damaged(name, digest);
    checked.add(layer);
  }

  let found = await manifestOf(reference);
  if ('manifest' in found) found = await manifestOf(found.manifest);
  if ('manifest' in found) throw fetchFailed(`cannot use ${name}: an index in an index`);
  for (const layer of found.layers) {
    const staging = await mkdtemp(`${root}-layer-`);
    try {
      if (layer.file === undefined) {
        const rest = { limits: { ...limits, maxTotalBytes, maxEntries }, signal: options.signal };
        await fetchArchive(bytesOf(layer), staging, rest);
      } else {
        if (layer.sizeBytes > maxTotalBytes) {
          throw fetchFailed(
            `cannot fetch ${name}: it is larger than ${limits.maxTotalBytes} bytes (maxTotalBytes)`,
          );
        }
        const file = join(staging, layer.file);
        await mkdir(dirname(file), { recursive: true });
        await pipeline(Readable.from(bytesOf(layer)), createWriteStream(file, { mode: 0o644 }));
      }
      if (!checked.has(layer)) throw damaged(name, layer.digest); // something stands behind its archive
      const { bytes, entries } = await measure(staging);
      maxTotalBytes -= bytes;
      maxEntries -= entries;
      if (maxEntries < 0)
        throw fetchFailed(`cannot fetch ${name}: more than ${limits.maxEntries} entries (maxEntries)`);
      await mergeInto(staging, root);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function damaged(name: string, digest: string) {
  return fetchFailed(`cannot use ${name}: what the registry gives for ${digest} is something else`);
}
