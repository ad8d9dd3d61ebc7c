import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { ProviderType } from '../src/model/index.ts';
import { ArmClient } from './support/arm.ts';
import { startForge, type TestForge } from './support/forge.ts';
import { startPostgres } from './support/postgres.ts';
import { TestServer } from './support/server.ts';
import { until } from './support/wait.ts';

interface Webhook {
  readonly url: string;
  readonly registration: string;
  readonly registrationError?: string;
  readonly checkedTime?: string;
  readonly restoredTime?: string;
}

const token = 'forge-token-4711';

/** Webhooks that are registered are looked after: somebody may delete them at the provider. No agents here. */
describe('webhooks at their provider', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let database: pg.Client;
  let server: TestServer;
  let arm: ArmClient;
  const args: string[] = [];

  before(async () => {
    postgres = await startPostgres();
    const env = { SLIPWAY_MASTER_KEY: randomBytes(32).toString('base64') };
    server = await TestServer.start({ databaseUrl: postgres.url, env, args });
    arm = await ArmClient.connect(server);
    database = new pg.Client({ connectionString: postgres.url });
    await database.connect();
  });
  after(async () => {
    await database.end();
    await server.stop();
    await postgres.stop();
  });

  async function put(task: string, provider: ProviderType, repositoryUrl: string): Promise<void> {
    const sourceRepository = {
      sourceControlType: provider,
      repositoryUrl,
      sourceControlAuthProperties: { tokenType: 'PAT', token },
    };
    const properties = {
      platform: { os: 'linux' },
      step: { type: 'Docker', contextPath: repositoryUrl, dockerFilePath: 'Dockerfile' },
      trigger: {
        sourceTriggers: [{ name: 'source', sourceRepository, sourceTriggerEvents: ['commit'] }],
      },
    };
    const { status, body } = await arm.call('PUT', `${arm.registryPath}/tasks/${task}`, {
      location: 'local',
      properties,
    });
    assert.ok(status === 200 || status === 201, JSON.stringify(body));
  }

  async function webhookOf(task: string): Promise<Webhook> {
    const { body } = await arm.call('POST', `${arm.registryPath}/tasks/${task}/listWebhooks`);
    const [webhook] = (body as { value: Webhook[] }).value;
    return webhook ?? assert.fail(`${task} has no webhook`);
  }
  const webhookThat = (task: string, what: string, is: (webhook: Webhook) => boolean): Promise<Webhook> =>
    until(`the webhook of ${task} ${what}`, async () => {
      const webhook = await webhookOf(task);
      return is(webhook) ? webhook : undefined;
    });

  /** As if the hours until the next check had passed. @returns how many seconds they were. */
  async function letCheckCome(task: string): Promise<number> {
    const { rows } = await database.query<{ seconds: number }>(
      `with before as (select extract(epoch from next_try_at - now())::float8 as seconds from source_hooks
         where task_key = $1 and not is_gone)
       update source_hooks set next_try_at = now() from before where task_key = $1 and not is_gone
       returning before.seconds`,
      [task],
    );
    return rows[0]?.seconds ?? assert.fail(`${task} has no check ahead`);
  }

  async function withForge(
    provider: ProviderType,
    task: string,
    work: (forge: TestForge) => Promise<void>,
  ): Promise<void> {
    const forge = await startForge(provider, token, path.join(server.data, 'tls', 'ca.pem'));
    try {
      await put(task, provider, forge.url);
      await webhookThat(task, 'is registered', ({ registration }) => registration === 'Registered');
      await work(forge);
    } finally {
      await forge.stop();
    }
  }

  for (const provider of ['Github', 'Gitlab', 'Gitea', 'VisualStudioTeamService'] as const) {
    test(`${provider}: one that was deleted there by hand is back when its task is saved, and after hours`, async () => {
      const task = `at-${provider}`.toLowerCase();
      await withForge(provider, task, async (forge) => {
        const count = forge.hooks.length;
        const { url } = await webhookOf(task);
        assert.equal((await webhookOf(task)).restoredTime, undefined);
        await forge.changeHooks((hooks) => hooks.splice(0, 1)); // of Azure DevOps it is one of three
        await put(task, provider, forge.url);
        const saved = await webhookThat(task, 'is back', ({ restoredTime }) => restoredTime !== undefined);
        assert.equal(forge.hooks.length, count);
        assert.deepEqual([saved.url, saved.registration], [url, 'Registered']);

        await forge.changeHooks((hooks) => hooks.splice(0));
        const seconds = await letCheckCome(task);
        assert.ok(seconds > 3600 && seconds <= 6 * 3600, `${seconds}`);
        await until('it is back', () => forge.hooks.length === count);
        await webhookThat(task, 'is known', ({ restoredTime }) => restoredTime !== saved.restoredTime);
        const shown = await server.slipway(['task', 'webhook', task]);
        assert.match(
          shown.stdout,
          /registration {2}Registered \(seen there .* UTC; it was gone and was registered again .* UTC\)\n/,
        );
        const sha = await forge.commit('main', { Dockerfile: 'FROM scratch\n' });
        await forge.push('main');
        await until('the push starts a run', async () => {
          const { rows } = await database.query(`select from runs where trigger->>'commitId' = $1`, [sha]);
          return rows.length === 1;
        });
      });
    });
  }

  test('one that is there stays as it is, however many others the repository has', async () => {
    await withForge('Gitea', 'crowded', async (forge) => {
      await forge.changeHooks((hooks) => {
        const [ours] = hooks;
        const others = Array.from({ length: 120 }, (_, index) => {
          const url = `https://example.org/${index}`;
          return { id: 1000 + index, url, secret: '', body: { config: { url } } };
        });
        hooks.splice(0, 1, ...others, ...(ours ? [ours] : []));
      });
      const { checkedTime } = await webhookOf('crowded');
      await put('crowded', 'Gitea', forge.url);
      await webhookThat('crowded', 'was looked for', (webhook) => webhook.checkedTime !== checkedTime);
      assert.equal(forge.hooks.length, 121);
      assert.equal((await webhookOf('crowded')).restoredTime, undefined);
      await arm.call('DELETE', `${arm.registryPath}/tasks/crowded`);
      await until('it is removed', () => forge.hooks.length === 120);
    });
  });

  test('a provider that is down or busy is asked again later, and the webhook counts as registered', async () => {
    await withForge('Github', 'unseen', async (forge) => {
      forge.refuse(500);
      await letCheckCome('unseen');
      const unseen = await webhookThat(
        'unseen',
        'was not seen',
        (each) => each.registrationError !== undefined,
      );
      assert.equal(unseen.registration, 'Registered');
      assert.match(
        unseen.registrationError ?? '',
        /cannot be seen whether it is still there: .* answered 500/,
      );
      forge.refuse(403, { headers: { 'retry-after': '7200' } });
      const pause = await letCheckCome('unseen');
      assert.ok(pause > 60 && pause <= 300, `${pause}`);
      await webhookThat('unseen', 'waits', (each) => /7200 seconds/.test(each.registrationError ?? ''));
      const rest = await letCheckCome('unseen');
      assert.ok(rest > 7000 && rest <= 7200, `${rest}`);
      forge.refuse(undefined);
      await letCheckCome('unseen');
      await webhookThat('unseen', 'was seen', (each) => each.registrationError === undefined);
      assert.equal(forge.hooks.length, 1);
    });
  });

  test('one that is gone and cannot be registered again says so, until it can', async () => {
    await withForge('Github', 'hopeless', async (forge) => {
      await forge.changeHooks((hooks) => hooks.splice(0));
      forge.refuse(403, { method: 'POST' });
      await letCheckCome('hopeless');
      const gone = await webhookThat('hopeless', 'is missed', (each) => each.registration === 'Pending');
      assert.match(gone.registrationError ?? '', /it is gone at the provider; .* may not do this/);
      const shown = await server.slipway(['task', 'webhook', 'hopeless']);
      assert.match(shown.stdout, /registration {2}Pending \(seen there .*\): it is gone at the provider/);
      forge.refuse(undefined);
      const back = await webhookThat('hopeless', 'is back', (each) => each.registration === 'Registered');
      assert.ok(back.restoredTime);
      assert.equal(back.registrationError, undefined);
    });
  });

  test('one that somebody switched off there is left alone and says so', async () => {
    await withForge('Github', 'silenced', async (forge) => {
      const setActive = (active: boolean) =>
        forge.changeHooks((hooks) => {
          const [ours] = hooks.splice(0, 1);
          if (ours) hooks.push({ ...ours, body: { ...(ours.body as object), active } });
        });
      await setActive(false);
      await letCheckCome('silenced');
      const off = await webhookThat(
        'silenced',
        'is seen off',
        (each) => each.registrationError !== undefined,
      );
      assert.match(off.registrationError ?? '', /switched off at the provider/);
      await setActive(true);
      await letCheckCome('silenced');
      await webhookThat('silenced', 'is seen on', (each) => each.registrationError === undefined);
      assert.equal(forge.hooks.length, 1);
    });
  });

  /** The last one: it starts the server anew. */
  test('a server that is reached under another URL has providers send there, and nowhere else', async () => {
    await withForge('Github', 'moved', async (forge) => {
      await server.end('SIGTERM');
      args.push('--hooks-url', 'https://127.0.0.1:4711');
      await server.start();
      await until('it is sent elsewhere', () =>
        forge.hooks.every(({ url }) => url.startsWith('https://127.0.0.1:4711/hooks/v1/')),
      );
      await webhookThat('moved', 'is known', (each) => each.registration === 'Registered');
      assert.equal(forge.hooks.length, 1);
      assert.equal((await webhookOf('moved')).restoredTime, undefined);
      await arm.call('DELETE', `${arm.registryPath}/tasks/moved`);
      await until('it is removed', () => forge.hooks.length === 0);
    });
  });
});
