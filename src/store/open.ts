import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { PGlite, types } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import { channel, createNotifier, type Notifier } from './notifier.ts';
import { migrate } from './migrate.ts';
import type { Database } from './schema.ts';

const execute = promisify(execFile);

/** The database in use, and what its other users (the queue) need of it. */
export interface Store {
  readonly db: Kysely<Database>;
  readonly notifier: Notifier;
  /** The connection underneath, for pg-boss. */
  readonly backend: { kind: 'pglite'; pglite: PGlite } | { kind: 'postgres'; connectionString: string };
  close(): Promise<void>;
}

/**
 * Opens the state: PGlite in a directory, or PostgreSQL at a URL, with the same migrations.
 * @param location `directory` (made if missing) or `url` (`postgres://…`).
 */
export async function openStore(location: { directory: string } | { url: string }): Promise<Store> {
  const store = 'url' in location ? await openPostgres(location.url) : await openPglite(location.directory);
  try {
    await migrate(store.db);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

/**
 * Makes the files of a new database in a process of its own: what that takes in memory goes with it. They
 * appear under their name only when they are whole, whenever this is killed.
 */
async function initialise(directory: string): Promise<void> {
  const draft = `${directory}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  const script =
    `import { PGlite } from ${JSON.stringify(import.meta.resolve('@electric-sql/pglite'))};` +
    'const pglite = await PGlite.create(process.argv[1]); await pglite.close();';
  await execute(process.execPath, ['--input-type=module', '--eval', script, draft]);
  await rename(draft, directory);
}

/** PostgreSQL's default of 128 MB would be most of the memory of an idle server. */
const sharedBuffers = '32MB';

/** PGlite's own reading and writing of bytes takes five to ten times as long: logs are made of them. */
const hexPrefix = '\\x'; // PostgreSQL, "bytea Hex Format"

function hexOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex');
}

async function openPglite(directory: string): Promise<Store> {
  if (!existsSync(path.join(directory, 'PG_VERSION'))) await initialise(directory);
  const pglite = await PGlite.create(directory, {
    startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${sharedBuffers}`],
    parsers: { [types.BYTEA]: (text) => Buffer.from(text.slice(hexPrefix.length), 'hex') },
    serializers: { [types.BYTEA]: (bytes: Uint8Array) => hexPrefix + hexOf(bytes) },
  });
  const notifier = createNotifier();
  await pglite.listen(channel, (payload) => notifier.notify(payload));
  return {
    db: new Kysely<Database>({ dialect: new PGliteDialect({ pglite }) }),
    notifier,
    backend: { kind: 'pglite', pglite },
    close: () => pglite.close(),
  };
}

// int8 as a number: keys and byte counts stay far below 2^53.
const pgTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === 20 ? Number : (pg.types.getTypeParser(oid, format) as unknown)) as typeof pg.types.getTypeParser, // the overloads of pg's own declaration cannot be written as one function
};

async function openPostgres(url: string): Promise<Store> {
  const pool = new pg.Pool({ connectionString: url, max: 16, types: pgTypes });
  pool.on('error', () => {}); // an idle connection broke; the pool opens another when it is needed
  const notifier = createNotifier();
  const stopListening = await listen(url, notifier);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    notifier,
    backend: { kind: 'postgres', connectionString: url },
    close: async () => {
      await stopListening();
      await db.destroy();
    },
  };
}

/** One connection that hears the channel; when it breaks it is opened again and everybody looks anew. */
async function listen(
  url: string,
  notifier: ReturnType<typeof createNotifier>,
): Promise<() => Promise<void>> {
  let isStopped = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url, keepAlive: true });
    next.on('notification', (message) => notifier.notify(message.payload ?? ''));
    next.on('error', () => {}); // followed by 'end'
    next.on('end', () => {
      if (!isStopped) retry = setTimeout(reconnect, 500);
    });
    await next.connect();
    await next.query(`listen ${channel}`);
    client = next;
    notifier.wakeAll();
  };
  const reconnect = (): void => {
    connect().catch(() => {
      if (!isStopped) retry = setTimeout(reconnect, 1000);
    });
  };
  await connect();
  return async () => {
    isStopped = true;
    clearTimeout(retry);
    await client?.end();
  };
}
