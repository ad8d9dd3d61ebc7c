import { createHash } from 'node:crypto';
import { request, type Dispatcher } from 'undici';

/** One file as an OCI artifact (OCI image manifest, "Guidelines for Artifact Usage"). */
export interface Artifact {
  readonly repository: string;
  readonly tag: string;
  readonly artifactType: string;
  /** Of the file. */
  readonly mediaType: string;
  /** Name of the file; ORAS writes it under this name. */
  readonly title: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface PushedArtifact {
  /** Digest of the manifest. */
  readonly digest: string;
  /** Digest of the file. */
  readonly layerDigest: string;
}

/** Where to push: the registry's address and a token with pull and push for the repository. */
export interface ArtifactPlace {
  readonly url: string;
  readonly token: string;
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const emptyType = 'application/vnd.oci.empty.v1+json';
const emptyConfig = Buffer.from('{}');

/** Pushes an artifact (OCI distribution §"Push"); pushing it again changes nothing. */
export async function pushArtifact(place: ArtifactPlace, artifact: Artifact): Promise<PushedArtifact> {
  const { repository, tag, artifactType, mediaType, title, annotations } = artifact;
  const layer = await pushBlob(place, repository, artifact.bytes);
  const config = await pushBlob(place, repository, [emptyConfig]);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType,
      config: { mediaType: emptyType, ...config },
      layers: [{ mediaType, ...layer, annotations: { 'org.opencontainers.image.title': title } }],
      annotations,
    }),
  );
  const url = `${place.url}/v2/${repository}/manifests/${tag}`;
  await send(place, 'PUT', url, 201, { body: manifest, headers: { 'content-type': manifestType } });
  return { digest: digestOf(manifest), layerDigest: layer.digest };
}

async function pushBlob(
  place: ArtifactPlace,
  repository: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ digest: string; size: number }> {
  const uploads = `${place.url}/v2/${repository}/blobs/uploads/`;
  const begun = await send(place, 'POST', uploads, 202);
  const hash = createHash('sha256');
  let size = 0;
  async function* counted(): AsyncIterable<Uint8Array> {
    for await (const chunk of bytes) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const patched = await send(place, 'PATCH', locationOf(place, begun), 202, {
    body: counted(),
    headers: { 'content-type': 'application/octet-stream' },
  });
  const digest = `sha256:${hash.digest('hex')}`;
  const end = new URL(locationOf(place, patched));
  end.searchParams.set('digest', digest);
  await send(place, 'PUT', end.href, 201);
  return { digest, size };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function locationOf({ url }: ArtifactPlace, headers: Dispatcher.ResponseData['headers']): string {
  return new URL(String(headers.location), url).href;
}

async function send(
  { token }: ArtifactPlace,
  method: Dispatcher.HttpMethod,
  url: string,
  expected: number,
  options: { body?: Buffer | AsyncIterable<Uint8Array>; headers?: Record<string, string> } = {},
): Promise<Dispatcher.ResponseData['headers']> {
  const { body: sent, headers } = options;
  const {
    statusCode,
    headers: answered,
    body,
  } = await request(url, {
    method,
    headers: { ...headers, authorization: `Bearer ${token}` },
    ...(sent !== undefined && { body: sent as Buffer }), // undici takes an async iterable as well
  });
  const text = await body.text();
  if (statusCode === expected) return answered;
  throw new Error(`${method} ${new URL(url).pathname} answered ${statusCode}: ${text.slice(0, 500)}`);
}
