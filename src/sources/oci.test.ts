import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Secret } from '../model/index.ts';
import { fetchSource, parseSourceLocation } from './index.ts';
import { serve, serviceError, tarOf, temporaryDirectory, type TarMember } from './testing.ts';

interface TestLayer {
  readonly content: Buffer;
  readonly title?: string;
  readonly annotations?: Record<string, string>;
}

const digestOf = (content: Buffer | string): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

function manifestOf(layers: readonly TestLayer[]): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    layers: layers.map(({ content, title, annotations }) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest: digestOf(content),
      size: content.length,
      annotations: {
        ...annotations,
        ...(title !== undefined && { 'org.opencontainers.image.title': title }),
      },
    })),
  });
}

/** A registry with one artifact, `app:v1`. @returns `127.0.0.1:port` */
async function registryWith(
  t: TestContext,
  layers: readonly TestLayer[],
  options: { manifest?: string; login?: 'basic' | 'bearer'; tamper?: (content: Buffer) => Buffer } = {},
): Promise<{ host: string; authorizations: (string | undefined)[] }> {
  const { manifest = manifestOf(layers), login, tamper = (content) => content } = options;
  const authorizations: (string | undefined)[] = [];
  const right = `Basic ${Buffer.from('user:pass:word').toString('base64')}`;
  // blobs are elsewhere, as with cloud storage: there the credential has no business
  const storage = await serve(t, (request, response) => {
    authorizations.push(request.headers.authorization);
    const layer = layers.find(({ content }) => request.url === `/${digestOf(content)}`);
    response.end(layer && tamper(layer.content));
  });
  const { url } = await serve(t, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://registry');
    const { authorization } = request.headers;
    if (pathname === '/token') {
      const isRight = authorization === right && searchParams.get('scope') === 'repository:app:pull';
      response.writeHead(isRight ? 200 : 401).end(JSON.stringify({ token: 't0ken' }));
      return;
    }
    const wanted = login === 'basic' ? right : login === 'bearer' ? 'Bearer t0ken' : undefined;
    if (wanted !== undefined && authorization !== wanted) {
      const bearer = `Bearer realm="${url}/token",service="test",scope="repository:app:pull"`;
      response.writeHead(401, { 'www-authenticate': login === 'basic' ? 'Basic realm="x"' : bearer }).end();
    } else if (
      pathname === '/v2/app/manifests/v1' ||
      pathname === `/v2/app/manifests/${digestOf(manifest)}`
    ) {
      response.end(manifest);
    } else if (pathname.startsWith('/v2/app/blobs/')) {
      response.writeHead(307, { location: `${storage.url}/${pathname.split('/').at(-1)}` }).end();
    } else response.writeHead(404).end();
  });
  return { host: url.replace('http://', ''), authorizations };
}

async function fetchFrom(t: TestContext, location: string, credential?: string): Promise<string> {
  const directory = join(await temporaryDirectory(t), 'source');
  const { contextDirectory } = await fetchSource(parseSourceLocation(location), directory, {
    openUpload: () => assert.fail(),
    ...(credential !== undefined && { credential: new Secret(credential) }),
  });
  assert.equal(contextDirectory, directory);
  assert.deepEqual(await readdir(join(directory, '..')), ['source']);
  return directory;
}

const archive = async (members: readonly TarMember[]): Promise<Buffer> => gzipSync(await tarOf(members));

test('archives and files of an artifact come together, later layers over earlier ones', async (t) => {
  const { host } = await registryWith(t, [
    {
      content: await archive([
        { name: 'a/1', content: 'old' },
        { name: 'a/2', content: 'two' },
      ]),
    },
    {
      content: await tarOf([
        { name: 'a/1', content: 'new' },
        { name: 'b/3', content: 'three' },
      ]),
      title: 'x.tar',
    },
    {
      content: await archive([{ name: 'dir/4', content: 'four' }]),
      title: 'dir',
      annotations: { 'io.deis.oras.content.unpack': 'true' },
    },
    { content: Buffer.from('FROM scratch\n'), title: 'docker/Dockerfile' },
  ]);
  const directory = await fetchFrom(t, `oci://${host}/app:v1`);
  const files = ['a/1', 'a/2', 'b/3', 'dir/4', 'docker/Dockerfile'];
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  assert.deepEqual(texts, ['new', 'two', 'three', 'four', 'FROM scratch\n']);
});

for (const login of ['basic', 'bearer'] as const) {
  test(`a ${login} login is answered, and only the registry sees it`, async (t) => {
    const layers = [{ content: Buffer.from('x'), title: 'x' }];
    const { host, authorizations } = await registryWith(t, layers, { login });
    await fetchFrom(t, `oci://${host}/app:v1`, 'user:pass:word');
    assert.deepEqual(authorizations, [undefined]);
    await assert.rejects(
      fetchFrom(t, `oci://${host}/app:v1`, 'user:wrong'),
      serviceError('SourceFetchFailed', login === 'basic' ? /status 401/ : /refuses the login/),
    );
  });
}

test('an artifact can be named by its digest, which is checked', async (t) => {
  const layers = [{ content: Buffer.from('x'), title: 'x' }];
  const { host } = await registryWith(t, layers);
  const directory = await fetchFrom(t, `oci://${host}/app@${digestOf(manifestOf(layers))}`);
  assert.deepEqual(await readdir(directory), ['x']);
});

for (const [what, tamper] of [
  ['other bytes', () => Buffer.from('wrong')],
  ['more bytes', (content: Buffer) => Buffer.concat([content, Buffer.alloc(10)])],
  ['fewer bytes', (content: Buffer) => content.subarray(0, -1)],
] as const) {
  test(`a layer with ${what} than its digest says is refused`, async (t) => {
    const { host } = await registryWith(t, [{ content: Buffer.from('right'), title: 'x' }], { tamper });
    await assert.rejects(
      fetchFrom(t, `oci://${host}/app:v1`),
      serviceError('SourceFetchFailed', /what the registry gives for sha256:\w+ is something else/),
    );
  });
}

const link: TarMember = { name: 'a', type: 'symlink', linkname: 'b' };
const refused: [string, () => Promise<TestLayer[]>, string, RegExp][] = [
  [
    'a file outside',
    async () => [{ content: Buffer.from('x'), title: '../x' }],
    'SourceFetchFailed',
    /no path below/,
  ],
  [
    'an absolute file',
    async () => [{ content: Buffer.from('x'), title: '/x' }],
    'SourceFetchFailed',
    /no path below/,
  ],
  ['no layers', async () => [], 'SourceFetchFailed', /1 to 64 layers/],
  [
    'an archive that leads out',
    async () => [{ content: await archive([{ name: '../x', content: '' }]) }],
    'InvalidSourceArchive',
    /x/,
  ],
  [
    'a file through a link of an earlier layer',
    async () => [
      { content: await archive([{ name: 'b/c', content: '' }, link]) },
      { content: Buffer.from('x'), title: 'a/x' },
    ],
    'SourceFetchFailed',
    /different things at "a"/,
  ],
];
for (const [what, layers, code, message] of refused) {
  test(`an artifact is refused with ${what}`, async (t) => {
    const { host } = await registryWith(t, await layers());
    await assert.rejects(fetchFrom(t, `oci://${host}/app:v1`), serviceError(code, message));
  });
}

test('what is not there is named, and so is an index', async (t) => {
  const index = JSON.stringify({ manifests: [{ digest: digestOf('a') }, { digest: digestOf('b') }] });
  const { host } = await registryWith(t, [], { manifest: index });
  const code = 'SourceFetchFailed';
  await assert.rejects(
    fetchFrom(t, `oci://${host}/app:v2`),
    serviceError(code, /manifests\/v2 with status 404/),
  );
  await assert.rejects(fetchFrom(t, `oci://${host}/app:v1`), serviceError(code, /index of several/));
});
