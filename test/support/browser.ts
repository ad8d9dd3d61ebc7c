import { chromium, type Browser, type Page } from 'playwright-core';
import { needs } from '../../src/cli/setup/packages.ts';
import { findProgram } from '../../src/cli/setup/programs.ts';

export interface TestPage {
  readonly page: Page;
  /**
   * Errors of the page's console and scripts, and violations of its Content-Security-Policy. Answers that a
   * page shows its reader (401, 404, 409), or reads as the end of a log (416), are none.
   */
  readonly problems: readonly string[];
  /** Opens an address, however often the network of the machine changes meanwhile. */
  visit(url: string): Promise<void>;
  close(): Promise<void>;
}

const expected = /the server responded with a status of (401|404|409|416)/;
/** Chromium drops all its connections whenever an interface of the machine comes or goes, as Docker's do. */
const networkChanged = /ERR_NETWORK_CHANGED|ERR_NETWORK_IO_SUSPENDED/;

/** A page in Debian's Chromium, which takes the test server's certificate as it is. */
export async function openPage(): Promise<TestPage> {
  const browser: Browser = await chromium.launch({
    executablePath: (await findProgram(needs.chromium.program)) ?? '',
    args: ['--no-sandbox'], // the tests run as root in CI
  });
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 600 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const problems: string[] = [];
  const note = (text: string): void => {
    if (!networkChanged.test(text) && !expected.test(text)) problems.push(text);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') note(`${message.text()} at ${message.location().url}`);
  });
  page.on('pageerror', (error) => note(error.message));
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`violates ${violatedDirective}: ${blockedURI}`),
    ),
  );
  return {
    page,
    problems,
    async visit(url) {
      for (;;) {
        try {
          await page.goto(url);
          return;
        } catch (error) {
          if (!networkChanged.test(String(error))) throw error;
        }
      }
    },
    close: () => browser.close(),
  };
}
