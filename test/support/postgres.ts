import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort, until } from './wait.ts';

const run = promisify(execFile);

/** A PostgreSQL server of the test's own, on a free loopback port, with its files in a temporary directory. */
export async function startPostgres(): Promise<{ url: string; directory: string; stop(): Promise<void> }> {
  const binaries = await findBinaries();
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-pg-'));
  await chmod(directory, 0o777);
  const data = path.join(directory, 'data');
  const port = await freePort();
  // PostgreSQL refuses to run as root.
  const as = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--'] : ['env'];
  await run(as[0] ?? '', [
    ...as.slice(1),
    `${binaries}/initdb`,
    '-D',
    data,
    '-U',
    'slipway',
    '-A',
    'trust',
    '-N',
  ]);
  const server = spawn(
    as[0] ?? '',
    [...as.slice(1), `${binaries}/postgres`, '-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', directory],
    { stdio: 'ignore' },
  );
  const exited = once(server, 'exit');
  const url = `postgres://slipway@127.0.0.1:${port}/postgres`;
  await until('PostgreSQL answers', async () => {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  });
  return {
    url,
    directory,
    async stop() {
      await run(as[0] ?? '', [...as.slice(1), `${binaries}/pg_ctl`, '-D', data, '-m', 'immediate', 'stop']);
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function findBinaries(): Promise<string> {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? await readdir(root) : [];
  for (const version of versions.sort().reverse()) {
    if (existsSync(`${root}/${version}/bin/initdb`)) return `${root}/${version}/bin`;
  }
  throw new Error('PostgreSQL is not installed: apt-get install postgresql');
}
