import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import fastify from 'fastify';
import { portalRoutes } from './portal.ts';

test('the portal: files, pages, and what it lets browsers do', async (t) => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-portal-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await mkdir(path.join(directory, 'assets'));
  await writeFile(path.join(directory, 'index.html'), '<p>page</p>');
  await writeFile(path.join(directory, 'assets', 'index-1a2b.js'), 'code');
  const app = fastify();
  await app.register(portalRoutes(directory));
  t.after(() => app.close());

  for (const from of ['/', '/portal']) {
    const { statusCode, headers } = await app.inject(from);
    assert.deepEqual([statusCode, headers.location], [302, '/portal/']);
  }
  for (const url of ['/portal/', '/portal/registries/a/b/c/runs/ca1', '/portal/tasks?task=a.b']) {
    const { statusCode, headers, body } = await app.inject(url);
    assert.deepEqual([statusCode, body, headers['cache-control']], [200, '<p>page</p>', 'no-cache'], url);
    assert.match(String(headers['content-security-policy']), /^default-src 'self';.* frame-ancestors 'none'/);
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
  }
  const asset = await app.inject('/portal/assets/index-1a2b.js');
  assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.match(String(asset.headers['content-type']), /javascript/);
  for (const url of ['/portal/assets/index-old.js', '/portal/assets/..%2f..%2fetc/passwd']) {
    assert.equal((await app.inject(url)).statusCode, 404, url);
  }
});

test('where the portal was not built, its address says what to do', async (t) => {
  const app = fastify();
  await app.register(portalRoutes('/nowhere'));
  t.after(() => app.close());
  const { statusCode, body } = await app.inject('/portal/');
  assert.equal(statusCode, 503);
  assert.match(body, /\.\/slipway/);
});
