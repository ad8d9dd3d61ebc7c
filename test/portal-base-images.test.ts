import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { ArmClient, isEnded, type WireRun } from './support/arm.ts';
import type { TestPage } from './support/browser.ts';
import { startForeignRegistry, type ForeignRegistry } from './support/foreign-registry.ts';
import { serveGit, type GitServer } from './support/git-server.ts';
import { pusherOf, type Pusher } from './support/oci.ts';
import { auditPage } from './support/page-audit.ts';
import { openPortal, portalHome } from './support/portal.ts';
import { TestServer } from './support/server.ts';
import { until } from './support/wait.ts';

/** What the portal says of base images, of real registries; each test goes on where the one before ended. */
describe('base images in the portal', () => {
  let server: TestServer;
  let arm: ArmClient;
  let git: GitServer;
  let own: Pusher;
  let other: ForeignRegistry;
  let browser: TestPage;

  before(async () => {
    [server, git, other] = await Promise.all([
      TestServer.start({ agents: 1 }),
      serveGit(),
      startForeignRegistry(),
    ]);
    arm = await ArmClient.connect(server);
    own = await pusherOf(server);
    browser = await openPortal(server, `${portalHome(server, arm)}/base-images`);
  });
  after(async () => {
    await browser.close();
    await Promise.all([git.stop(), other.stop(), server.stop()]);
  });

  const seen = (locator: Locator): Promise<void> => locator.first().waitFor({ timeout: 20_000 });
  const button = (name: string): Locator => browser.page.getByRole('button', { name, exact: true });
  const row = (image: string): Locator => browser.page.getByRole('row', { name: image });
  const copied = async (what: string): Promise<string> => {
    await button(`Copy ${what}`).click();
    return browser.page.evaluate(() => navigator.clipboard.readText());
  };

  /** Makes a task that builds from an image, and runs it to its end. */
  async function runTask(task: string, image: string, triggerStatus = 'Enabled'): Promise<void> {
    await git.commit(task, { Dockerfile: `FROM ${image}\n# ${task}\n` });
    const path = `${arm.registryPath}/tasks/${task}`;
    const made = await arm.call('PUT', path, {
      location: 'local',
      properties: {
        platform: { os: 'linux' },
        step: {
          type: 'Docker',
          contextPath: `${git.url}#${task}`,
          dockerFilePath: 'Dockerfile',
          imageNames: [`${task}:v1`],
        },
        trigger: {
          baseImageTrigger: { name: 'base', baseImageTriggerType: 'Runtime', status: triggerStatus },
        },
      },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { status, body } = await arm.call('POST', `${arm.registryPath}/scheduleRun`, {
      type: 'TaskRunRequest',
      taskId: path,
    });
    assert.equal(status, 200, JSON.stringify(body));
    const { runId } = (body as WireRun).properties;
    const run = await until(`${runId} has ended`, async () => {
      const found = await arm.run(runId);
      return isEnded(found) && found;
    });
    assert.equal(run.properties.status, 'Succeeded', await arm.log(runId));
  }

  test('without any, it says where they come from', async () => {
    await seen(browser.page.getByText('No task is known to stand on an image'));
    assert.deepEqual(await auditPage(browser.page), []);
  });

  test('an image of the registry shows with what each task was built from, and which it will not start', async () => {
    const { page } = browser;
    const image = `${own.host}/base/own:v1`;
    const first = await own.push('base/own:v1', 'one');
    await runTask('off-app', image, 'Disabled');
    assert.equal(await copied(`digest of ${image}`), first); // the page refreshes itself
    const second = await own.push('base/own:v1', 'two');
    await runTask('own-app', image);
    const found = row(`Watched base/own:v1 ${own.host}`);
    await seen(found.getByRole('link', { name: 'own-app' }));
    await seen(found.getByText('Its registry runs here'));
    assert.equal(await copied(`digest of ${image} of off-app`), first);
    assert.equal(await copied(`digest of ${image} of own-app`), second);
    // What tasks do is asked for when the page opens.
    await page.reload();
    const tasks = found.getByRole('listitem');
    await seen(tasks.getByText('Updates start nothing: its base image trigger is disabled.'));
    const texts = await tasks.allTextContents();
    assert.deepEqual(
      texts.map((text) => text.includes('start nothing')),
      [true, false],
      texts.join('\n'),
    );
    await found.getByRole('link', { name: 'own-app' }).click();
    await seen(page.getByRole('heading', { name: 'own-app' }));
    await page.getByRole('link', { name: 'How they are watched' }).click();
    await seen(page.getByRole('heading', { name: 'Base images', exact: true }));
  });

  test('the webhook shows when it is asked for and works; what is wrong with an image is said', async () => {
    const { page } = browser;
    const image = `${other.host}/base/other:v1`;
    await other.push('base/other:v1', 'one');
    await runTask('other-app', image);
    await seen(row(`Watched base/other:v1 ${other.host}`).getByText('Asked for every 10 min'));
    other.instead = ({ method, userAgent }) =>
      method === 'HEAD' && userAgent === 'slipway'
        ? { status: 429, headers: { 'retry-after': '3000' } }
        : undefined;
    assert.ok(!(await page.content()).includes('/hooks/images/'));
    await button('Show webhook URL').click();
    const url = await copied('payload URL');
    const config = await copied('configuration of distribution');
    assert.ok(config.includes(`url: ${url}\n`), config);
    const command = await copied('command');
    const [, body = ''] = /-d '(.+)' \\\n {2}(\S+)$/.exec(command) ?? [];
    const push = body.replace(/"[^"]+:22"/, `"${image}"`);
    const told = await server.http.request(url, { method: 'POST', body: push });
    assert.equal(told.status, 202, push);
    const found = row(`Failing base/other:v1 ${other.host}`);
    await seen(found.getByText(/^It could not be looked at: .* asks to be left alone until/));
    await seen(found.getByText(/^again in \d+ minutes$/));
    assert.deepEqual(await auditPage(page), []);
    await button('Hide webhook URL').press('Enter');
    await seen(button('Show webhook URL').and(page.locator(':focus')));
    assert.ok(!(await page.content()).includes('/hooks/images/'));
  });

  test('what the API refuses is said, and the last that was known stays', async () => {
    const { page } = browser;
    const error = { code: 'Conflict', message: 'it is not the time for base images' };
    await page.route('**/baseImages?*', (route) => route.fulfill({ status: 409, json: { error } }));
    await seen(page.getByRole('alert').getByText(error.message));
    assert.equal(await page.getByRole('row').count(), 3);
    await page.unrouteAll();
    await page.reload();
    await seen(row(`Failing base/other:v1 ${other.host}`));
    assert.deepEqual(browser.problems, []);
  });
});
