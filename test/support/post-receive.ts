import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { createHttp } from '../../src/client/index.ts';
import { hookRequest, pushPayload } from '../../src/forges/testing.ts';
import type { ForgeState } from './forge.ts';

/** git's post-receive hook (githooks(5)) of a forge's repository: what was pushed goes to its webhooks. */
const state = JSON.parse(
  await readFile(path.join(process.argv[2] ?? '', 'forge.json'), 'utf8'),
) as ForgeState;
const http = createHttp({ caFile: state.caFile });
for (const line of (await text(process.stdin)).trim().split('\n')) {
  const [before = '', after = '', ref = ''] = line.split(' ');
  for (const { url, secret } of state.webhooks) {
    const payload = pushPayload(state.provider, { repositoryUrl: state.url, ref, before, after });
    const { headers, body } = hookRequest(state.provider, payload, { secret });
    const response = await http.request(url, { method: 'POST', headers, body });
    process.stderr.write(`webhook: ${response.status} ${await response.text()}\n`);
  }
}
http.close();
