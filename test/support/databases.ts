import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import {
  insertRegistry,
  insertRun,
  insertSubscriptionIfAbsent,
  nextRunNumber,
  openStore,
  upsertResourceGroup,
  type NewRun,
  type Store,
} from '../../src/store/index.ts';
import { runIdOf, runQueueName, type Run } from '../../src/model/index.ts';
import { startPostgres } from './postgres.ts';

/** A database of one kind for the tests of a file; `store` is there once they run. */
export interface TestDatabase {
  readonly kind: 'PGlite' | 'PostgreSQL';
  readonly store: Store;
  /** Opens the same database once more, as another server would; undefined for PGlite, which has one user. */
  reopen(): Promise<Store | undefined>;
}

/** Defines the same tests for PGlite in a temporary directory and for PostgreSQL. */
export function onBothDatabases(define: (database: TestDatabase) => void): void {
  for (const kind of ['PGlite', 'PostgreSQL'] as const) {
    describe(kind, () => {
      let opened: { store: Store; url?: string; stop(): Promise<void> } | undefined;
      before(async () => {
        opened = kind === 'PGlite' ? await openPglite() : await openPostgres();
      });
      define({
        kind,
        get store() {
          if (!opened) throw new Error('the database is there only while tests run');
          return opened.store;
        },
        reopen: async () => (opened?.url === undefined ? undefined : openStore({ url: opened.url })),
      });
      // After what the tests themselves end.
      after(async () => {
        await opened?.store.close();
        await opened?.stop();
      });
    });
  }
}

async function openPglite() {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'slipway-pglite-'));
  const directory = path.join(parent, 'db');
  await cp(await emptyPglite(), directory, { recursive: true });
  return {
    store: await openStore({ directory }),
    stop: () => rm(parent, { recursive: true, force: true }),
  };
}

/** A directory that PGlite has made and nobody used: making one takes seconds, so it is kept and copied. */
export async function emptyPglite(): Promise<string> {
  const project = path.join(import.meta.dirname, '..', '..');
  const packageFile = path.join(project, 'node_modules', '@electric-sql', 'pglite', 'package.json');
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string }; // npm wrote it
  const kept = path.join(project, '.slipway', 'test', `pglite-${version}`);
  if (existsSync(kept)) return kept;
  const draft = `${kept}.${randomUUID()}`;
  await mkdir(draft, { recursive: true });
  await (await PGlite.create(draft)).close();
  await rename(draft, kept).catch(() => rm(draft, { recursive: true })); // another test was faster
  return kept;
}

async function openPostgres() {
  const server = await startPostgres();
  return { store: await openStore({ url: server.url }), url: server.url, stop: () => server.stop() };
}

let registries = 0;

/** A new registry with nothing in it; answers its id. */
export async function addRegistry({ db }: Store): Promise<string> {
  const subscriptionId = '11111111-1111-1111-1111-111111111111';
  const [registryId, number] = [randomUUID(), (registries += 1)];
  await insertSubscriptionIfAbsent(db, { subscriptionId, displayName: 'Test', tenantId: randomUUID() });
  await upsertResourceGroup(db, { subscriptionId, name: 'test', location: 'here', tags: {} });
  const now = new Date().toISOString();
  await insertRegistry(
    db,
    {
      registryId,
      subscriptionId,
      resourceGroupName: 'test',
      name: `registry${number}`,
      location: 'here',
      sku: 'Basic',
      tags: {},
      isAdminUserEnabled: false,
      properties: {},
      loginServer: `localhost:${number}`,
      loginPort: number,
      systemData: {
        createdBy: 'test',
        createdByType: 'User',
        createdAt: now,
        lastModifiedBy: 'test',
        lastModifiedByType: 'User',
        lastModifiedAt: now,
      },
    },
    [],
  );
  return registryId;
}

/** A new queued run of a registry. */
export async function addRun({ db }: Store, registryId: string, change: Partial<NewRun> = {}): Promise<Run> {
  return db.transaction().execute(async (trx) =>
    insertRun(trx, {
      registryId,
      runId: runIdOf(await nextRunNumber(trx, registryId)),
      runType: 'QuickBuild',
      queueName: runQueueName(undefined, 'Linux'),
      agentPoolName: undefined,
      sourceRegistryAuth: undefined,
      taskName: undefined,
      logTemplate: undefined,
      requestedBy: undefined,
      request: {},
      platform: { os: 'Linux' },
      cpu: 2,
      timeoutSeconds: 3600,
      isArchiveEnabled: false,
      customRegistries: [],
      now: new Date(),
      ...change,
    }),
  );
}
