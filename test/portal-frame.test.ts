import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { ArmClient } from './support/arm.ts';
import type { TestPage } from './support/browser.ts';
import { openPortal, portalHome } from './support/portal.ts';
import { TestServer } from './support/server.ts';

/** What is around the pages of the portal, for who uses the keyboard and when a page has a fault. */
describe('around the pages of the portal', () => {
  let server: TestServer;
  let browser: TestPage;
  let home: string;

  before(async () => {
    server = await TestServer.start();
    home = portalHome(server, await ArmClient.connect(server));
    browser = await openPortal(server, `${home}/runs`);
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  const seen = (locator: Locator): Promise<void> => locator.first().waitFor({ timeout: 20_000 });
  const heading = (name: string): Locator => browser.page.getByRole('heading', { name, exact: true });
  const link = (name: string): Locator => browser.page.getByRole('link', { name, exact: true });
  const focused = (locator: Locator): Promise<void> => seen(locator.and(browser.page.locator(':focus')));

  test('a page that is gone to has the focus, and is told of', async () => {
    const { page } = browser;
    await focused(page.getByRole('main')); // after signing in
    await page.keyboard.press('Shift+Tab');
    await focused(page.getByRole('button', { name: 'Sign out' }));
    await link('Tasks').press('Enter');
    await seen(heading('Tasks'));
    await focused(page.getByRole('main'));
    await seen(page.getByRole('status').getByText('Tasks · slipway', { exact: true }));
    assert.equal(await link('Tasks').getAttribute('aria-current'), 'page');
    await page.goBack();
    await seen(page.getByRole('status').getByText('Runs · slipway', { exact: true }));
    await focused(page.getByRole('main'));
  });

  test('a page that is opened begins where browsers do, and its navigation can be skipped', async () => {
    const { page } = browser;
    await browser.visit(`${home}/deliveries`);
    await seen(heading('Deliveries'));
    await page.keyboard.press('Tab');
    await focused(link('Skip to the content'));
    await page.keyboard.press('Enter');
    await focused(page.getByRole('main'));
  });

  test('a fault of one page is shown there; the others go on, and it can be loaded again', async () => {
    const { page } = browser;
    await page.route('**/tasks?*', (route) => route.fulfill({ json: { value: [{ name: 'odd' }] } }));
    await link('Tasks').click();
    const fault = page.getByRole('alert');
    await seen(fault.getByRole('heading', { name: 'This page cannot be shown' }));
    await seen(fault.getByText("reading 'status'"));
    await page.getByRole('button', { name: 'Copy details for a report' }).click();
    const details = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(details, /^\/portal\/registries\/.*\/tasks\nTypeError: .*'status'/);
    await link('Base images').click();
    await seen(heading('Base images'));
    assert.equal(await fault.count(), 0);
    await link('Tasks').click();
    await seen(fault);
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Reload' }).click();
    await seen(page.getByText('There are no tasks yet'));
    assert.ok(browser.problems.length > 0);
    for (const problem of browser.problems) assert.match(problem, /reading 'status'/);
  });
});
