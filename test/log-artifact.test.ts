import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { archiveOfDirectory } from './support/archive.ts';
import { ArmClient, isEnded } from './support/arm.ts';
import { loginAz, type Az } from './support/az.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

interface LogArtifact {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** A run with a logTemplate: its whole log ends as an OCI artifact in the run's registry. */
describe('log artifacts', () => {
  let server: TestServer;
  let arm: ArmClient;
  let az: Az;
  let context: Awaited<ReturnType<typeof makeContext>>;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    arm = await ArmClient.connect(server);
    context = await makeContext(`${busyboxBase}\nRUN echo "what the build says"\n`);
    az = await loginAz(server, context.directory);
  });
  after(() =>
    stopAll(
      () => az.logout(),
      () => server.stop(),
      () => context.remove(),
    ),
  );

  const scheduleBuild = async (logTemplate: string): Promise<string> => {
    const sourceLocation = await arm.upload(await archiveOfDirectory(context.directory));
    const { status, body } = await arm.schedule({ sourceLocation, logTemplate });
    assert.equal(status, 200, JSON.stringify(body));
    return (body as { properties: { runId: string } }).properties.runId;
  };
  const artifactOf = (runId: string): Promise<LogArtifact> =>
    until(`the log of ${runId} is pushed`, async () => {
      const { properties } = (await arm.run(runId)) as unknown as {
        properties: { logArtifact?: LogArtifact };
      };
      return properties.logArtifact;
    });
  const logLinks = async (runId: string) =>
    (await arm.call('POST', `${arm.registryPath}/runs/${runId}/listLogSasUrl`)).body as {
      logLink: string;
      logArtifactLink?: string;
    };
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const response = await server.http.request(url, { method: 'GET', headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const pullToken = async (repository: string): Promise<string> => {
    const {
      SLIPWAY_CLIENT_ID: id,
      SLIPWAY_CLIENT_SECRET: secret,
      SLIPWAY_LOGIN_SERVER: host,
    } = await server.clientEnv();
    const basic = Buffer.from(`${id}:${secret}`).toString('base64');
    const scope = encodeURIComponent(`repository:${repository}:pull`);
    const { text } = await get(`https://${host}/oauth2/token?scope=${scope}`, {
      authorization: `Basic ${basic}`,
    });
    return (JSON.parse(text) as { access_token: string }).access_token;
  };

  test('the artifact is in the registry and equals the log; the link gives the same', async () => {
    const runId = await scheduleBuild('logs/{{.Run.TaskName}}:{{.Run.OS}}-{{.Run.ID}}');
    await until('the run ends', async () => isEnded(await arm.run(runId)));
    const artifact = await artifactOf(runId);
    const { SLIPWAY_LOGIN_SERVER: host = '' } = await server.clientEnv();
    const { digest, ...place } = artifact;
    assert.deepEqual(place, { registry: host, repository: 'logs/quicktask', tag: `linux-${runId}` });
    const log = await arm.log(runId);
    assert.match(log, /what the build says/);

    const authorization = `Bearer ${await pullToken('logs/quicktask')}`;
    const pulled = await get(`https://${host}/v2/logs/quicktask/manifests/linux-${runId}`, {
      authorization,
      accept: 'application/vnd.oci.image.manifest.v1+json',
    });
    assert.equal(pulled.status, 200, pulled.text);
    assert.equal(pulled.headers['docker-content-digest'], digest);
    const manifest = JSON.parse(pulled.text) as {
      artifactType: string;
      layers: { digest: string; size: number; annotations: Record<string, string> }[];
    };
    assert.equal(manifest.artifactType, 'application/vnd.slipway.log.v1');
    const [layer] = manifest.layers;
    assert.equal(layer?.annotations['org.opencontainers.image.title'], `${runId}.log`);
    const blobUrl = `https://${host}/v2/logs/quicktask/blobs/${layer?.digest}`;
    assert.equal((await get(blobUrl, { authorization })).text, log);

    const { logArtifactLink = '' } = await logLinks(runId);
    const linked = await get(logArtifactLink);
    assert.equal(linked.status, 200, linked.text);
    assert.equal(linked.text, log);
    assert.equal((await get(blobUrl)).status, 401, 'without the link it is not for everyone');
    const link = new URL(logArtifactLink).search;
    const config = (JSON.parse(pulled.text) as { config: { digest: string } }).config.digest;
    const other = await get(`https://${host}/v2/logs/quicktask/blobs/${config}${link}`);
    assert.equal(other.status, 401, 'the link is for this one blob');
  });

  test('a server that is killed after the run has ended pushes the log when it is back', async () => {
    const runId = await scheduleBuild('after-kill:{{.Run.ID}}');
    await until('the run ends', async () => isEnded(await arm.run(runId)));
    await server.end('SIGKILL');
    await server.start();
    assert.equal((await artifactOf(runId)).repository, 'after-kill');
  });

  test('az acr build --log-template, then az acr task logs from the registry', async () => {
    const built = await az.az(
      ...['acr', 'build', '-r', 'slipway', '-t', 'app:v1', '--no-push'],
      ...['--log-template', 'acr/tasks:{{.Run.OS}}', context.directory],
    );
    assert.equal(built.code, 0, built.stdout + built.stderr);
    assert.match(built.stdout, /what the build says/);
    const runId = /Queued a build with ID: (\w+)/.exec(built.stderr)?.[1] ?? assert.fail(built.stderr);
    assert.equal((await artifactOf(runId)).tag, 'linux');
    const logs = await az.az('acr', 'task', 'logs', '-r', 'slipway', '--run-id', runId, '--debug');
    assert.equal(logs.code, 0, logs.stderr);
    assert.match(logs.stdout, /what the build says/);
    assert.match(logs.stderr, /GET \/v2\/acr\/tasks\/blobs\/sha256:/, 'it came from the registry');
    const shown = (await az.azJson('acr', 'task', 'show-run', '-r', 'slipway', '--run-id', runId)) as {
      logArtifact: LogArtifact;
    };
    assert.equal(shown.logArtifact.repository, 'acr/tasks');
  });

  const refused = ['{{.Run.Nothing}}', 'Upper:case', 'logs:{{.Run.Registry}}', 'logs@sha256:x', 'a b'];
  for (const logTemplate of refused) {
    test(`400 on logTemplate: ${logTemplate}`, async () => {
      const sourceLocation = 'https://example.org/a.git';
      const { status, body } = await arm.schedule({ sourceLocation, logTemplate });
      assert.equal(status, 400, JSON.stringify(body));
      const { error } = body as { error: { target: string; message: string } };
      assert.equal(error.target, 'logTemplate');
      assert.ok(error.message.includes(JSON.stringify(logTemplate)), error.message);
    });
  }
});
