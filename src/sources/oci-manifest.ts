import { fetchFailed, quote } from './errors.ts';

/** A part of an artifact: an archive, or a file with the path at which it belongs. */
export interface Layer {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly file?: string;
}

export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
].join(', ');

const maxLayers = 64;

interface Descriptor {
  readonly digest?: unknown;
  readonly size?: unknown;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/**
 * What an artifact is made of (OCI image spec, manifest). A layer with a title is a file of that path, as ORAS
 * pushes it, unless it is marked as a directory or its name says that it is a tar; any other is an archive.
 * @returns the digest of the only manifest instead when it is an index
 */
export function readManifest(text: string, name: string): { layers: Layer[] } | { manifest: string } {
  let manifest: { layers?: unknown; manifests?: unknown };
  try {
    manifest = JSON.parse(text) as typeof manifest;
  } catch (error) {
    throw fetchFailed(`cannot use ${name}: its manifest is no JSON`, error);
  }
  if (Array.isArray(manifest.manifests)) {
    const [only, ...others] = manifest.manifests as Descriptor[];
    if (only && others.length === 0) return { manifest: digestOf(only, name) };
    throw fetchFailed(
      `cannot use ${name}: it is an index of several manifests, and a source is one artifact`,
    );
  }
  if (!Array.isArray(manifest.layers) || manifest.layers.length === 0 || manifest.layers.length > maxLayers) {
    throw fetchFailed(`cannot use ${name}: a source must have 1 to ${maxLayers} layers`);
  }
  return { layers: (manifest.layers as Descriptor[]).map((layer) => readLayer(layer, name)) };
}

function readLayer(layer: Descriptor, name: string): Layer {
  const title = layer.annotations?.['org.opencontainers.image.title'];
  const isDirectory = layer.annotations?.['io.deis.oras.content.unpack'] === 'true';
  const isFile = typeof title === 'string' && !isDirectory && !/\.(tar|tgz|tar\.gz)$/i.test(title);
  const sizeBytes = layer.size;
  if (typeof sizeBytes !== 'number' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw fetchFailed(`cannot use ${name}: a layer has no size`);
  }
  return {
    digest: digestOf(layer, name),
    sizeBytes,
    ...(isFile && { file: checkPath(title, name) }),
  };
}

function digestOf({ digest }: Descriptor, name: string): string {
  if (typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw fetchFailed(`cannot use ${name}: a digest in it is not sha256`);
}

function checkPath(title: string, name: string): string {
  const parts = title.split('/');
  const isInside = parts.every(
    (part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'),
  );
  if (isInside && Buffer.byteLength(title) <= 4096) return title;
  throw fetchFailed(`cannot use ${name}: the file ${quote(title)} has no path below the source`);
}
