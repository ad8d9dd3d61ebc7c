import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { hookRequest, pushPayload } from '../src/forges/testing.ts';
import { archiveOfDirectory } from './support/archive.ts';
import { ArmClient } from './support/arm.ts';
import { openPage, type TestPage } from './support/browser.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { auditPage } from './support/page-audit.ts';
import { portalHome } from './support/portal.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

const repositoryUrl = 'https://git.example.com/acme/app.git';
const commitId = '3f9c2a17'.repeat(5);
/** What would run, were it not text. */
const hostile = '<img src=x onerror=alert(1)>';

/** The portal in a real browser, against a real server; each test goes on where the one before ended. */
describe('the portal', () => {
  let server: TestServer;
  let arm: ArmClient;
  let browser: TestPage;
  let home: string;

  before(async () => {
    [server, browser] = await Promise.all([TestServer.start({ agents: 1 }), openPage()]);
    arm = await ArmClient.connect(server);
    home = portalHome(server, arm);
    // its runs stay queued
    await arm.call('PUT', `${arm.registryPath}/agentPools/waiting`, {
      location: 'local',
      properties: { count: 0, os: 'Linux', tier: 'S1' },
    });
  });
  after(() =>
    stopAll(
      () => browser.close(),
      () => server.stop(),
    ),
  );

  const seen = (locator: Locator): Promise<void> => locator.first().waitFor({ timeout: 20_000 });
  const button = (name: string | RegExp): Locator => browser.page.getByRole('button', { name });

  test('a wrong secret is refused with the reason; the right one leads to the page that was asked for', async () => {
    const { page } = browser;
    const { SLIPWAY_CLIENT_ID = '', SLIPWAY_CLIENT_SECRET = '' } = await server.clientEnv();
    await browser.visit(`${home}/tasks`);
    await page.getByLabel('Application (client) id').fill(SLIPWAY_CLIENT_ID);
    await page.getByLabel('Client secret').fill('wrong');
    await button('Sign in').click();
    await seen(page.getByRole('alert').getByText('is not known or its secret is wrong'));
    await page.getByLabel('Client secret').fill(SLIPWAY_CLIENT_SECRET);
    await button('Sign in').click();
    await seen(page.getByText('There are no tasks yet'));
    assert.equal(page.url(), `${home}/tasks`);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.ok(kept.startsWith('[{},') && !kept.includes(SLIPWAY_CLIENT_SECRET));
    // The only registry there is shows by itself.
    await browser.visit(server.url);
    await seen(page.getByText('There are no runs yet'));
    assert.equal(page.url(), `${home}/runs`);
  });

  test('the log of a run grows before the eyes, as text with colours, until the run is cancelled', async () => {
    const { page } = browser;
    const script = `echo "${hostile}"; printf "\\033[31mred\\033[0m\\n"; i=0; while :; do i=$((i+1)); echo "tick $i."; sleep 0.2; done`;
    const context = await makeContext(`${busyboxBase}\nARG ROUND\nRUN ${script}\n`);
    const sourceLocation = await arm.upload(await archiveOfDirectory(context.directory));
    await context.remove();
    const round = { name: 'ROUND', value: `${process.pid}-${Date.now()}`, isSecret: false };
    const { body } = await arm.schedule({ sourceLocation, arguments: [round] });
    const { runId } = (body as { properties: { runId: string } }).properties;
    await page.getByRole('link', { name: runId, exact: true }).click(); // the list refreshes itself
    await seen(page.getByRole('heading', { name: `Run ${runId}` }));
    await seen(page.getByText('Somebody asked for this build by hand.'));
    const log = page.getByRole('log');
    await seen(log.getByText(/tick 1\./));
    await seen(log.getByText(/tick 8\./));
    assert.ok(await log.getByText(hostile).count());
    assert.equal(await log.locator('img').count(), 0);
    assert.equal(await log.locator('.fg-1').first().textContent(), 'red');
    await seen(page.getByRole('region', { name: 'Steps' }).getByText('Running'));
    const isAtEnd = (element: HTMLElement | SVGElement): boolean =>
      element.scrollHeight - element.scrollTop - element.clientHeight < 30;
    const follow = page.getByLabel('Follow');
    await until('the log is followed', async () => (await follow.isChecked()) && log.evaluate(isAtEnd));
    await log.hover();
    await page.mouse.wheel(0, -300);
    await until('the reader has scrolled away', async () => !(await follow.isChecked()));
    await follow.check();
    await until('it is followed again', () => log.evaluate(isAtEnd));
    await button('Cancel').click();
    await seen(page.getByRole('heading', { name: `Run ${runId} Canceled` }));
    await seen(page.getByRole('region', { name: 'Steps' }).getByText('Canceled'));
    await page.getByText('live', { exact: true }).waitFor({ state: 'detached' });
    const download = page.waitForEvent('download');
    await button('Download').click();
    assert.equal((await download).suggestedFilename(), `${runId}.log`);
  });

  test('URL and secret of a webhook show when they are asked for, and work', async () => {
    const { page } = browser;
    const sourceTrigger = {
      name: 'source',
      sourceRepository: { sourceControlType: 'Gitea', repositoryUrl, branch: 'main' },
      sourceTriggerEvents: ['commit'],
    };
    const made = await arm.call('PUT', `${arm.registryPath}/tasks/pushed`, {
      location: 'local',
      properties: {
        platform: { os: 'linux', architecture: 'amd64' },
        agentPoolName: 'waiting',
        step: { type: 'Docker', contextPath: `${repositoryUrl}#main`, dockerFilePath: 'Dockerfile' },
        trigger: {
          sourceTriggers: [sourceTrigger],
          timerTriggers: [{ name: 'yearly', schedule: '0 0 1 1 *' }],
        },
      },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    await page.getByRole('link', { name: 'Tasks' }).click();
    await page.getByRole('link', { name: 'pushed' }).click();
    await seen(page.getByText(/^Next in \d+ days/));
    assert.equal(await page.getByText('Payload URL').count(), 0);
    await button('Show webhook URL and secret').click();
    await seen(page.getByText('In Gitea: Settings → Webhooks'));
    const copied = async (what: string): Promise<string> => {
      await button(`Copy ${what}`).click();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    const [url, secret] = [await copied('payload URL'), await copied('secret')];
    const push = async (ref: string): Promise<number> => {
      const { headers, body } = hookRequest(
        'Gitea',
        pushPayload('Gitea', { repositoryUrl, ref, after: commitId }),
        { secret },
      );
      return (await server.http.request(url, { method: 'POST', headers, body })).status;
    };
    assert.equal(await push('refs/heads/main'), 202);
    assert.equal(await push(`refs/heads/${hostile}`), 200);
  });

  test('a run says which commit started it, and its delivery can be sent again', async () => {
    const { page } = browser;
    const lastRuns = page.getByRole('region', { name: 'Last runs' });
    await seen(lastRuns.getByText('Commit'));
    await lastRuns.getByRole('link', { name: /^ca\d+$/ }).click();
    await seen(page.getByText('Somebody pushed commit'));
    const link = page.getByRole('link', { name: commitId.slice(0, 7) });
    assert.equal(
      await link.getAttribute('href'),
      `${repositoryUrl.replace(/\.git$/, '')}/commit/${commitId}`,
    );
    await seen(page.getByText('no agent serves its queue at present'));
    await page.getByRole('link', { name: 'Deliveries' }).click();
    await seen(page.getByRole('row', { name: /Ignored/ }).getByText(`the branch ${hostile}`));
    await page
      .getByRole('row', { name: /Started/ })
      .getByRole('button')
      .click();
    await seen(page.getByRole('status').getByText(/is sent again as delivery \d+/));
    await seen(page.getByRole('row', { name: /Started.* again/ }).getByRole('link', { name: /^ca\d+$/ }));
  });

  test('a task is run and disabled, and what the API refuses is said', async () => {
    const { page } = browser;
    await page
      .getByRole('row', { name: /Ignored/ })
      .getByRole('link', { name: 'pushed' })
      .click();
    await button('Run now').click();
    await seen(page.getByText('Somebody ran task pushed by hand.'));
    await page.getByRole('link', { name: 'pushed' }).first().click();
    await button('Disable').click();
    await seen(page.getByRole('heading', { name: 'pushed Disabled' }));
    assert.ok(await button('Run now').isDisabled());
    await page.goBack();
    await button('Run again').click();
    await seen(page.getByRole('alert').getByText('disabled'));
    await page.getByRole('link', { name: 'Agent pools' }).click();
    await seen(page.getByRole('row', { name: /waiting.*paused.*3/ }));
  });

  test('each page can be read and worked, wide and light, narrow and dark', async () => {
    const { page } = browser;
    const pages: readonly (readonly [path: string, content: string | RegExp])[] = [
      ['/runs', /^ca\d+$/],
      ['/runs/ca1', 'red'],
      ['/tasks', 'pushed'],
      ['/tasks/pushed', 'By hand'],
      ['/deliveries', /the branch </],
      ['/pools', 'waiting'],
      ['/runs/ca999', 'there is no run ca999'],
      ['/nothing', 'To the registries'],
    ];
    for (const [path, content] of pages) {
      await browser.visit(`${home}${path}`);
      await seen(page.getByRole('main').getByText(content));
      assert.deepEqual(await auditPage(page), []);
    }
  });

  test('nothing is left after signing out, and nothing went wrong', async () => {
    const { page } = browser;
    await button('Sign out').click();
    await seen(page.getByLabel('Client secret'));
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    assert.deepEqual(await auditPage(page), []);
    assert.deepEqual(browser.problems, []);
  });
});
