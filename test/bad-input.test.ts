import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { archiveOf } from './support/archive.ts';
import { ArmClient, isEnded, type Answer } from './support/arm.ts';
import { serveGit, type GitServer } from './support/git-server.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

const maxUpload = 1024 * 1024;

/** Whatever is sent: ARM's error body, or a failed run with one clear last line; never a 500 or a hung run. */
describe('bad input', () => {
  let server: TestServer;
  let arm: ArmClient;
  let git: GitServer;
  let good: Buffer;

  before(async () => {
    server = await TestServer.start({
      agents: 1,
      args: ['--max-upload', `${maxUpload}`],
      env: { SLIPWAY_MAX_SOURCE_BYTES: `${64 * 1024 * 1024}` },
    });
    arm = await ArmClient.connect(server);
    git = await serveGit();
    good = await archiveOf([{ name: 'Dockerfile', body: 'FROM scratch\nCOPY Dockerfile /\n' }]);
  });
  after(() =>
    stopAll(
      () => git.stop(),
      () => server.stop(),
    ),
  );

  const errorOf = ({ body }: Answer) =>
    (
      body as {
        error: { code: string; message: string; target?: string; details?: { target?: string }[] };
      }
    ).error;

  /** Schedules a run that the door lets in, and answers the last line of its log once it has failed. */
  const failureOf = async (request: Record<string, unknown>): Promise<string> => {
    const answer = await arm.schedule(request);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { runId } = (answer.body as { properties: { runId: string } }).properties;
    const run = await until(`run ${runId} ends`, async () => {
      const found = await arm.run(runId);
      return isEnded(found) && found;
    });
    const lastLine = (await arm.log(runId)).trimEnd().split('\r\n').at(-1) ?? '';
    assert.equal(run.properties.status, 'Failed', lastLine);
    assert.match(lastLine, new RegExp(`^Run ID: ${runId} failed after \\d+s\\. Error: `));
    const message = run.properties.runErrorMessage?.replace('failed to run step ID: build: ', '');
    assert.ok(lastLine.includes(message ?? 'no message'), lastLine);
    return lastLine;
  };
  const failureOfUpload = async (archive: Buffer, request: Record<string, unknown> = {}): Promise<string> =>
    failureOf({ sourceLocation: await arm.upload(archive), ...request });

  describe('sources', () => {
    test('a missing Dockerfile', async () => {
      const line = await failureOfUpload(good, { dockerFilePath: 'nowhere/Dockerfile' });
      assert.match(line, /unable to find the Dockerfile "nowhere\/Dockerfile"/);
    });
    test('a Dockerfile outside of the source', async () => {
      const line = await failureOfUpload(good, { dockerFilePath: '../../../../../etc/passwd' });
      assert.match(line, /lies outside of the source|unable to find/);
    });
    test('an archive that is no tar', async () => {
      assert.match(await failureOfUpload(gzipSync(Buffer.from('no tar '.repeat(300)))), /not a tar archive/);
      assert.match(await failureOfUpload(Buffer.from('PK\x03\x04 zip')), /zip archive/);
    });
    const climbing = [
      ['../escaped', { name: '../escaped', body: 'x' }],
      ['/absolute', { name: '/tmp/slipway-escaped', body: 'x' }],
      ['a symlink out', { name: 'link', type: 'symlink', linkname: '../../etc/passwd' }],
      ['a hard link out', { name: 'link', type: 'link', linkname: '/etc/passwd' }],
      ['a device', { name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }],
    ] as const;
    for (const [name, entry] of climbing) {
      test(`an archive with ${name}`, async () => {
        assert.match(await failureOfUpload(await archiveOf([entry])), /source archive/);
      });
    }
    test('a gzip bomb', async () => {
      const bomb = await archiveOf([{ name: 'zeros', body: Buffer.alloc(65 * 1024 * 1024) }]);
      assert.ok(bomb.length < maxUpload);
      assert.match(await failureOfUpload(bomb), /the limit is 67108864 \(maxTotalBytes\)|maxTotalBytes/);
    });
    test('a git repository that is not there, one that asks for a password, a branch that is not there', async () => {
      const absent = git.url.replace('repo.git', 'absent.git');
      assert.match(await failureOf({ sourceLocation: absent }), /absent\.git: .*not found/);
      assert.match(await failureOf({ sourceLocation: `${git.url}#nowhere` }), /"nowhere".* is not found/);
      const locked = createServer((_request, response) =>
        response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end(),
      ).listen(0, '127.0.0.1');
      await once(locked, 'listening');
      const { port } = locked.address() as AddressInfo;
      try {
        const line = await failureOf({ sourceLocation: `http://127.0.0.1:${port}/private.git` });
        assert.match(line, /needs a credential/);
      } finally {
        locked.close();
      }
    });
    test('a tarball that is not there', async () => {
      const origin = new URL(git.url).origin;
      assert.match(
        await failureOf({ sourceLocation: `${origin}/absent/x.tar.gz` }),
        /cannot fetch .*x\.tar\.gz/,
      );
    });
    test('the upload of another registry, and none at all', async () => {
      const other = arm.registryPath.replace(/slipway$/, 'othersource');
      const version = 'api-version=2023-07-01';
      const made = await arm.call('PUT', `${other}?${version}`, {
        location: 'local',
        sku: { name: 'Basic' },
      });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      const { body } = await arm.call('POST', `${other}/listBuildSourceUploadUrl`);
      const theirs = body as { uploadUrl: string; relativePath: string };
      await server.http.request(theirs.uploadUrl, {
        method: 'PUT',
        headers: { 'x-ms-blob-type': 'BlockBlob' },
        body: good,
      });
      for (const sourceLocation of [
        theirs.relativePath,
        'source/20260101/00000000-0000-0000-0000-000000000000.tar.gz',
        '../../master.key',
        '/etc/passwd',
      ]) {
        const answer = await arm.schedule({ sourceLocation });
        assert.equal(answer.status, 400, sourceLocation);
        assert.equal(errorOf(answer).target, 'sourceLocation');
      }
      assert.equal((await arm.call('DELETE', `${other}?${version}`)).status, 200);
    });
  });

  describe('signed URLs', () => {
    const put = (url: string, body: Buffer = good) =>
      server.http.request(url, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body });
    const uploadUrl = async (): Promise<string> => {
      const { body } = await arm.call('POST', `${arm.registryPath}/listBuildSourceUploadUrl`);
      return (body as { uploadUrl: string }).uploadUrl;
    };
    const changes: [string, (url: URL) => void][] = [
      ['expired', (url) => url.searchParams.set('se', '2020-01-01T00:00:00Z')],
      ['prolonged', (url) => url.searchParams.set('se', '2099-01-01T00:00:00Z')],
      ['forged', (url) => url.searchParams.set('sig', Buffer.alloc(32, 7).toString('base64'))],
      ['unsigned', (url) => url.searchParams.delete('sig')],
      ['for another blob', (url) => (url.pathname = url.pathname.replace(/.\.tar/, 'x.tar'))],
      ['for another purpose', (url) => url.searchParams.set('sp', 'rcwd')],
    ];
    for (const [what, change] of changes) {
      test(`one that is ${what}`, async () => {
        const url = new URL(await uploadUrl());
        change(url);
        const response = await put(url.href);
        assert.equal(response.status, 403);
        assert.match(await response.text(), /<Code>AuthenticationFailed<\/Code>/);
      });
    }
    test('an upload URL does not read', async () => {
      const url = await uploadUrl();
      assert.equal((await put(url)).status, 201);
      assert.equal((await server.http.request(url, { method: 'GET' })).status, 403);
    });
    test('an upload larger than the limit', async () => {
      const response = await put(await uploadUrl(), Buffer.alloc(maxUpload + 1));
      assert.equal(response.status, 413);
      assert.match(await response.text(), /<Code>RequestBodyTooLarge<\/Code>/);
    });
  });

  describe('tokens', () => {
    const refused = async (token: string | undefined): Promise<string> => {
      const answer = await arm.withToken(token).call('GET', `${arm.registryPath}/runs`);
      assert.equal(answer.status, 401, JSON.stringify(answer.body));
      assert.ok(answer.headers['www-authenticate']);
      return errorOf(answer).message;
    };
    test('none', async () => void (await refused(undefined)));
    test('no JWT', async () => void (await refused('abc.def.ghi')));
    test('a foreign one', async () => {
      const { privateKey, publicKey } = await generateKeyPair('RS256');
      const jwk = await exportJWK(publicKey);
      const token = await new SignJWT({ oid: randomUUID(), appid: randomUUID(), tid: randomUUID() })
        .setProtectedHeader({ alg: 'RS256', kid: 'other', jwk })
        .setIssuer(`${server.url}/adfs`)
        .setAudience(`${server.url}/arm`)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey);
      await refused(token);
    });
    test('an expired one, signed with our own key but long ago', async () => {
      const parts = arm.token().split('.');
      const payload = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString()) as { exp: number };
      const past = Buffer.from(JSON.stringify({ ...payload, exp: payload.exp - 7 * 86_400 }));
      await refused([parts[0], past.toString('base64url'), parts[2]].join('.'));
    });
  });

  describe('requests', () => {
    const cases: [string, Record<string, unknown>, string, RegExp][] = [
      ['a pool that nobody knows', { agentPoolName: 'nowhere' }, 'agentPoolName', /no agent pool "nowhere"/],
      [
        'a timeout too short',
        { timeout: 100 },
        'timeout',
        /is 100; it must be between 300 and 28800 seconds/,
      ],
      ['a timeout too long', { timeout: 28_801 }, 'timeout', /between 300 and 28800/],
      ['a platform that is none', { platform: { os: 'plan9' } }, 'platform.os', /Linux, Windows/],
      ['no Dockerfile named', { dockerFilePath: null }, 'dockerFilePath', /required/],
      ['another type', { type: 'Other' }, 'type', /DockerBuildRequest/],
      ['an argument without a name', { arguments: [{ value: 'x' }] }, 'arguments[0].name', /required/],
    ];
    for (const [what, request, target, message] of cases) {
      test(what, async () => {
        const answer = await arm.schedule({ sourceLocation: await arm.upload(good), ...request });
        assert.equal(answer.status, 400);
        const error = errorOf(answer);
        assert.equal(error.target, target);
        assert.match(error.message, message);
      });
    }
    test('several offences at once are all told', async () => {
      const answer = await arm.schedule({ timeout: 1, platform: { os: 'x' }, dockerFilePath: null });
      const targets = (errorOf(answer).details ?? []).map(({ target }) => target).sort();
      assert.deepEqual(targets, ['dockerFilePath', 'platform.os', 'sourceLocation', 'timeout']);
    });
    test('Windows without such an agent: it waits, says so, and can be canceled', async () => {
      const answer = await arm.schedule({
        sourceLocation: await arm.upload(good),
        platform: { os: 'windows', architecture: 'amd64' },
      });
      const { runId } = (answer.body as { properties: { runId: string } }).properties;
      assert.match(await arm.log(runId), /Waiting for an agent .*windows\/amd64: none is connected/);
      assert.equal((await arm.run(runId)).properties.status, 'Queued');
      assert.equal((await arm.call('POST', `${arm.registryPath}/runs/${runId}/cancel`)).status, 200);
      assert.equal((await arm.run(runId)).properties.status, 'Canceled');
      const again = await arm.call('POST', `${arm.registryPath}/runs/${runId}/cancel`);
      assert.equal(again.status, 409);
      assert.match(errorOf(again).message, /Canceled/);
    });
  });
});
