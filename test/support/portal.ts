import type { ArmClient } from './arm.ts';
import { openPage, type TestPage } from './browser.ts';
import type { TestServer } from './server.ts';

/** Where the portal shows the registry of a client. */
export function portalHome(server: TestServer, arm: ArmClient): string {
  const [, , subscription, , group, , , , registry] = arm.registryPath.split('/');
  return `${server.url}/portal/registries/${subscription}/${group}/${registry}`;
}

/** A browser that has signed in, at a page below `home`. */
export async function openPortal(server: TestServer, url: string): Promise<TestPage> {
  const browser = await openPage();
  const { SLIPWAY_CLIENT_ID = '', SLIPWAY_CLIENT_SECRET = '' } = await server.clientEnv();
  await browser.visit(url);
  await browser.page.getByLabel('Application (client) id').fill(SLIPWAY_CLIENT_ID);
  await browser.page.getByLabel('Client secret').fill(SLIPWAY_CLIENT_SECRET);
  await browser.page.getByRole('button', { name: 'Sign in' }).click();
  return browser;
}
