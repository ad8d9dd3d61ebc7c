import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { archiveOf } from '../test/support/archive.ts';
import { ArmClient } from '../test/support/arm.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { TestServer } from '../test/support/server.ts';
import { freePort, until } from '../test/support/wait.ts';
import { measure, type Measured } from './load.ts';
import { seedStatements } from './seed.ts';

const sizes = [1000, 100_000, 1_000_000];
const operations = ['GET run', 'list runs', 'scheduleRun'] as const;
type Operation = (typeof operations)[number];
type Results = Map<number, Record<Operation, Measured>>;

/**
 * GET run, list runs (a page of 100) and scheduleRun with 1,000, 100,000 and 1,000,000 runs stored, on
 * PGlite and on PostgreSQL: requests per second and p99, as ratios to a bare fastify route that reads one
 * row of the same database, and of the largest to the smallest store.
 */
export async function benchApi(count: number): Promise<void> {
  await onDatabase('PGlite', undefined, count);
  const postgres = await startPostgres();
  try {
    await onDatabase('PostgreSQL', postgres.url, count);
  } finally {
    await postgres.stop();
  }
}

async function onDatabase(name: string, url: string | undefined, count: number): Promise<void> {
  console.log(`\n${name}: ${count} requests each, 8 at a time`);
  const server = await TestServer.start(url === undefined ? {} : { databaseUrl: url });
  const results: Results = new Map();
  try {
    await server.end('SIGTERM');
    const bare = await measureBare(server, url, count);
    report('bare route, one row', bare, bare);
    let stored = 0;
    for (const size of sizes) {
      await seed(server, url, size - stored);
      stored = size;
      await server.start();
      results.set(size, await measureServer(server, size, count));
      await server.end('SIGTERM');
      for (const operation of operations) {
        const found = results.get(size)?.[operation];
        if (found) report(`${operation}, ${size.toLocaleString('en')} runs`, found, bare);
      }
    }
  } finally {
    await server.stop();
  }
  const [first, last] = [results.get(sizes[0] ?? 0), results.get(sizes.at(-1) ?? 0)];
  for (const operation of operations) {
    if (!first || !last) continue;
    const ratio = first[operation].perSecond / last[operation].perSecond;
    console.log(`${operation}: time with 1,000,000 runs to time with 1,000 runs: ${ratio.toFixed(2)}`);
  }
}

function report(what: string, measured: Measured, bare: Measured): void {
  const { perSecond, p99Ms } = measured;
  console.log(
    `${what.padEnd(28)} ${perSecond.toFixed(0).padStart(6)}/s  p99 ${p99Ms.toFixed(1).padStart(6)} ms  ` +
      `time to a bare route's ${(bare.perSecond / perSecond).toFixed(2)}`,
  );
}

async function seed(server: TestServer, url: string | undefined, count: number): Promise<void> {
  if (url === undefined) {
    const pglite = await PGlite.create(path.join(server.data, 'db'));
    for (const statement of seedStatements(count)) await pglite.exec(statement);
    await pglite.close();
    return;
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of seedStatements(count)) await client.query(statement);
  await client.end();
}

const caOf = (server: TestServer): Promise<string> =>
  readFile(path.join(server.data, 'tls', 'ca.pem'), 'utf8');

async function measureBare(server: TestServer, url: string | undefined, count: number): Promise<Measured> {
  await seed(server, url, 1);
  const port = await freePort();
  const args = [path.join(import.meta.dirname, 'bare.ts'), server.data, `${port}`];
  const child = spawn(process.execPath, url === undefined ? args : [...args, url], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    const ca = await caOf(server);
    const load = () => ({ url: `https://localhost:${port}/row/1` });
    await until('the bare server answers', () =>
      measure(ca, 1, load).then(
        () => true,
        () => false,
      ),
    );
    return await measure(ca, count, load);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

async function measureServer(
  server: TestServer,
  size: number,
  count: number,
): Promise<Record<Operation, Measured>> {
  const arm = await ArmClient.connect(server);
  const ca = await caOf(server);
  const base = `${server.url}${arm.registryPath}`;
  const version = 'api-version=2019-06-01-preview';
  const headers = { authorization: `Bearer ${arm.token()}`, 'content-type': 'application/json' };
  const sourceLocation = await arm.upload(await archiveOf([{ name: 'Dockerfile', body: 'FROM scratch\n' }]));
  const body = JSON.stringify({
    ...{ type: 'DockerBuildRequest', sourceLocation, imageNames: ['bench:latest'] },
    ...{ dockerFilePath: 'Dockerfile', platform: { os: 'linux' } },
  });
  const anyRun = (): number => 1 + Math.floor(Math.random() * (size - 1));
  return {
    'GET run': await measure(ca, count, () => ({ url: `${base}/runs/ca${anyRun()}?${version}`, headers })),
    'list runs': await measure(ca, Math.ceil(count / 4), () => ({ url: `${base}/runs?${version}`, headers })),
    scheduleRun: await measure(ca, Math.ceil(count / 4), () => ({
      url: `${base}/scheduleRun?${version}`,
      method: 'POST',
      headers,
      body,
    })),
  };
}
