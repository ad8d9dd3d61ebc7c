import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { TestServer } from './server.ts';
import { freePort, until } from './wait.ts';

/** Pushes small images to a registry. */
export interface Pusher {
  /** `localhost:5001` */
  readonly host: string;
  /** Pushes an image `FROM scratch` that holds `version.txt` with this text. @returns its digest. */
  push(name: string, text: string): Promise<string>;
  deleteManifest(repository: string, digest: string): Promise<void>;
}

/** As the first service principal of a test server, in its first registry. */
export async function pusherOf(server: TestServer): Promise<Pusher> {
  const env = await server.clientEnv();
  const host = env.SLIPWAY_LOGIN_SERVER ?? '';
  const basic = Buffer.from(`${env.SLIPWAY_CLIENT_ID}:${env.SLIPWAY_CLIENT_SECRET}`).toString('base64');
  return pusher(host, async (repository) => {
    const scope = `repository:${repository}:pull,push,delete`;
    const response = await fetch(
      `http://${host}/oauth2/token?${new URLSearchParams({ scope, service: host })}`,
      {
        headers: { authorization: `Basic ${basic}` },
      },
    );
    const { access_token: token } = (await response.json()) as { access_token: string };
    return { authorization: `Bearer ${token}` };
  });
}

/** A registry in plain HTTP, without any login, or with `auth` of distribution's configuration. */
export async function startPlainRegistry(
  auth?: object,
  headersFor: (repository: string) => Promise<Record<string, string>> = async () => ({}),
): Promise<Pusher & { stop(): Promise<void> }> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-plain-registry-'));
  const port = await freePort();
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: path.join(directory, 'storage') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, relativeurls: true },
    ...(auth && { auth }),
  };
  const file = path.join(directory, 'config.yml');
  await writeFile(file, JSON.stringify(config)); // JSON is YAML
  const child = spawn('docker-registry', ['serve', file], {
    stdio: 'ignore',
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  });
  const host = `127.0.0.1:${port}`;
  await until('the plain registry answers', () =>
    fetch(`http://${host}/v2/`).then(
      ({ status }) => status === (auth ? 401 : 200),
      () => false,
    ),
  );
  return {
    ...pusher(host, headersFor),
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function pusher(host: string, headersFor: (repository: string) => Promise<Record<string, string>>): Pusher {
  const send = async (
    repository: string,
    method: string,
    url: string,
    body?: Uint8Array<ArrayBuffer>,
    type = 'application/octet-stream',
  ): Promise<Response> => {
    const headers = { ...(await headersFor(repository)), ...(body && { 'content-type': type }) };
    const response = await fetch(new URL(url, `http://${host}`), { method, headers, ...(body && { body }) });
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
    return response;
  };
  const pushBlob = async (repository: string, bytes: Uint8Array<ArrayBuffer>): Promise<object> => {
    const digest = digestOf(bytes);
    const begun = await send(repository, 'POST', `/v2/${repository}/blobs/uploads/`);
    const place = new URL(begun.headers.get('location') ?? '', `http://${host}`);
    place.searchParams.set('digest', digest);
    await send(repository, 'PUT', place.href, bytes);
    return { digest, size: bytes.length };
  };
  return {
    host,
    async push(name, text) {
      const [repository = '', tag = 'latest'] = name.split(':');
      const archive = pack();
      const bytes = buffer(archive);
      archive.entry({ name: 'version.txt', mtime: new Date(0) }, text);
      archive.finalize();
      const layer = await bytes;
      const rootfs = { type: 'layers', diff_ids: [digestOf(layer)] };
      const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs }));
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      const manifest = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType,
          config: {
            mediaType: 'application/vnd.oci.image.config.v1+json',
            ...(await pushBlob(repository, config)),
          },
          layers: [
            { mediaType: 'application/vnd.oci.image.layer.v1.tar', ...(await pushBlob(repository, layer)) },
          ],
        }),
      );
      await send(repository, 'PUT', `/v2/${repository}/manifests/${tag}`, manifest, mediaType);
      return digestOf(manifest);
    },
    async deleteManifest(repository, digest) {
      await send(repository, 'DELETE', `/v2/${repository}/manifests/${digest}`);
    },
  };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
