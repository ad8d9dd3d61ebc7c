import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { agentApiPrefix, protocolVersion } from '../src/protocol/index.ts';
import { ArmClient } from './support/arm.ts';
import { offenceOf, rawRequests } from './support/hostile/answers.ts';
import { anyOtherRequest, type OtherFaces } from './support/hostile/other-faces.ts';
import { randomOf } from './support/hostile/random.ts';
import { anyArmRequest, everyMember, type Place } from './support/hostile/requests.ts';
import { send, sendRaw, type HostileRequest, type Target } from './support/hostile/send.ts';
import { startPostgres } from './support/postgres.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';

/** `HOSTILE_SEED=…` repeats a run that failed. */
const seed = Number(process.env.HOSTILE_SEED ?? Date.now() % 1_000_000_000);
/** For each database. */
const armRequests = 1200;
const otherRequests = 800;
const atOnce = 8;

for (const database of ['PGlite', 'PostgreSQL']) {
  /** Whatever is sent: no 5xx, no hang, errors in the face's own shape, and the server serves on. */
  describe(`hostile requests with ${database}, HOSTILE_SEED=${seed}`, () => {
    let server: TestServer;
    let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
    let arm: ArmClient;
    let place: Place;
    let faces: OtherFaces;
    let target: Target;
    let oci: Target;
    let rssAfterWarmUp = 0;

    before(async () => {
      postgres = database === 'PostgreSQL' ? await startPostgres() : undefined;
      server = await TestServer.start(postgres ? { databaseUrl: postgres.url } : {});
      arm = await ArmClient.connect(server);
      const env = await server.clientEnv();
      const ca = await readFile(path.join(server.data, 'tls', 'ca.pem'), 'utf8');
      target = { ca, port: Number(new URL(server.url).port) };
      oci = { ca, port: Number(env.SLIPWAY_LOGIN_SERVER?.split(':')[1]) };
      const runId = await scheduleRun();
      place = { registryPath: arm.registryPath, token: arm.token(), runId };
      faces = await otherFaces(`${env.SLIPWAY_CLIENT_ID}:${env.SLIPWAY_CLIENT_SECRET}`, runId);
    });
    after(() =>
      stopAll(
        () => server.stop(),
        () => postgres?.stop(),
      ),
    );

    const scheduleRun = async (): Promise<string> => {
      const request = { sourceLocation: 'https://example.org/a.git', platform: { os: 'windows' } };
      const { status, body } = await arm.schedule(request);
      assert.equal(status, 200, JSON.stringify(body));
      return (body as { name: string }).name;
    };

    const otherFaces = async (basic: string, runId: string): Promise<OtherFaces> => {
      const upload = (await arm.call('POST', `${arm.registryPath}/listBuildSourceUploadUrl`)).body;
      const log = (await arm.call('POST', `${arm.registryPath}/runs/${runId}/listLogSasUrl`)).body;
      const uploadUrl = new URL((upload as { uploadUrl: string }).uploadUrl);
      const logUrl = new URL((log as { logLink: string }).logLink);
      const joinToken = (await readFile(path.join(server.data, 'agent.token'), 'utf8')).trim();
      const joined = await server.http.request(`${server.url}${agentApiPrefix}/register`, {
        method: 'POST',
        headers: { authorization: `Bearer ${joinToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ protocolVersion, name: 'hostile', instanceId: 'hostile', pool: 'hostile' },
          ...{ os: 'linux', architecture: 'amd64', deadInstanceIds: [] },
        }),
      });
      const { agentToken } = (await joined.json()) as { agentToken: string };
      return {
        ...{ blobHost: uploadUrl.host, joinToken, agentToken, basic },
        uploadPath: uploadUrl.pathname + uploadUrl.search,
        logPath: logUrl.pathname + logUrl.search,
      };
    };

    /** Sends all of them, several at once, and fails with the first that was answered wrongly. */
    const sendAll = async (requests: Iterable<HostileRequest>): Promise<number> => {
      const queue = requests[Symbol.iterator]();
      let count = 0;
      const offences: string[] = [];
      const work = async (): Promise<void> => {
        for (let next = queue.next(); !next.done && offences.length < 20; next = queue.next()) {
          const asked = next.value;
          count += 1;
          const where = asked.face === 'oci' ? oci : target;
          const offence = await send(where, asked).then(
            (answer) => answer && offenceOf(asked, answer),
            (error: unknown) => `${String(error)}`,
          );
          if (offence === undefined) continue;
          const body = JSON.stringify(asked.body?.toString('latin1').slice(0, 600) ?? '');
          offences.push(`${asked.method} ${asked.path.slice(0, 500)} ${body}\n    ${offence}`);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      assert.equal(offences.length, 0, `HOSTILE_SEED=${seed}\n${offences.join('\n')}`);
      return count;
    };
    const some = function* (count: number, make: () => HostileRequest): Generator<HostileRequest> {
      for (let index = 0; index < count; index += 1) yield make();
    };
    const rssBytes = async (): Promise<number> => {
      const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    };

    let sent = 0;
    test('odd paths, queries, headers, methods and bodies', async () => {
      const random = randomOf(seed);
      sent += await sendAll(some(armRequests, () => anyArmRequest(place, random)));
      rssAfterWarmUp = await rssBytes();
    });
    test('wrong types at every member of every schema', async () => {
      sent += await sendAll(everyMember(place, randomOf(seed + 1), 2));
    });
    test('login, agents, blobs and the OCI registry', async () => {
      const random = randomOf(seed + 2);
      sent += await sendAll(some(otherRequests, () => anyOtherRequest(faces, random)));
    });
    test('bodies over the limit, and ones that are nearly so and deep', async () => {
      const huge = [
        Buffer.alloc(4 * 1024 * 1024 + 1, ' '),
        Buffer.from(`"${'\\u0000'.repeat(600_000)}"`),
        Buffer.alloc(4 * 1024 * 1024, '['),
        Buffer.from(`{"tags":{${'"a":1,'.repeat(600_000)}"b":2}}`),
        Buffer.from(JSON.stringify({ imageNames: Array(500_000).fill('a:b'), type: 'DockerBuildRequest' })),
      ];
      const headers = { authorization: `Bearer ${place.token}`, 'content-type': 'application/json' };
      const asked = { face: 'arm', method: 'POST', headers } as const;
      const at = `${arm.registryPath}/scheduleRun?api-version=2025-03-01-preview`;
      sent += await sendAll(huge.map((body) => ({ ...asked, path: at, body })));
    });
    test('bytes that are hardly HTTP are answered or dropped', async () => {
      for (const bytes of rawRequests(place)) {
        const text = await sendRaw(target, bytes);
        sent += 1;
        const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
        assert.ok(
          statuses.every((status) => status < 500),
          `${bytes.toString('latin1').slice(0, 200)}\n${text}`,
        );
        const body = text.split('\r\n\r\n').at(-1) ?? '';
        // Node answers a request without a Host by itself, without a body.
        if (statuses.at(-1) === 400 && body !== '') assert.match(body, /^\{"error":\{"code":/, text);
      }
    });
    test('it serves on as before, and its memory has not grown without bound', async (context) => {
      context.diagnostic(`${sent} requests`);
      assert.ok(sent > 2500, `${sent} requests`);
      const runId = await scheduleRun();
      assert.equal((await arm.run(runId)).properties.status, 'Queued');
      assert.match(await arm.log(runId), /Waiting for an agent/);
      assert.equal((await arm.call('POST', `${arm.registryPath}/runs/${runId}/cancel`)).status, 200);
      assert.equal((await arm.call('GET', `${arm.registryPath}/runs?$top=5`)).status, 200);
      const rss = await rssBytes();
      context.diagnostic(`RSS ${Math.round(rssAfterWarmUp / 1e6)} MB, then ${Math.round(rss / 1e6)} MB`);
      assert.ok(rss < rssAfterWarmUp * 2 + 200e6, `${rssAfterWarmUp} bytes grew to ${rss}`);
    });
  });
}
