import type { Transaction } from 'kysely';
import { fromKysely, fromPglite, PgBoss } from 'pg-boss';
import type { Database, Store } from '../store/index.ts';

/**
 * The order in which runs wait for agents. A job is only the ticket of a queued run: it is sent in the
 * transaction that queues the run and taken in the transaction that claims it, so a run is queued
 * exactly when it has a ticket. Who holds the run, and until when, stands in the run's row.
 */
export interface RunQueue {
  /** Makes a queue if it is not there yet; outside of any transaction. */
  ensure(queueName: string): Promise<void>;
  enqueue(trx: Transaction<Database>, queueName: string, runKey: number): Promise<void>;
  /** The run that waits longest, taken out of the queue, or undefined when none waits. */
  take(trx: Transaction<Database>, queueName: string): Promise<number | undefined>;
  stop(): Promise<void>;
}

interface Ticket {
  readonly runKey: number;
}

/** Starts pg-boss on the store's own database. @param onError hears of faults in its background work. */
export async function openQueue(store: Store, onError: (error: Error) => void): Promise<RunQueue> {
  const { backend } = store;
  const boss = new PgBoss(
    backend.kind === 'pglite'
      ? { db: fromPglite(backend.pglite), backend: 'pglite' }
      : { connectionString: backend.connectionString, max: 4 },
  );
  boss.on('error', onError);
  await boss.start();
  const known = new Set((await boss.getQueues()).map(({ name }) => name));
  // pg-boss looks a queue that it does not know up outside of the transaction: on PGlite's one connection
  // both would wait for each other for ever. All of PGlite's queues are made by this process or known at its start.
  const check = (queueName: string): void => {
    if (backend.kind === 'postgres' || known.has(queueName)) return;
    throw new Error(`there is no queue ${queueName}; it must be made (ensure) before the transaction`);
  };
  return {
    async ensure(queueName) {
      if (known.has(queueName)) return;
      await boss.createQueue(queueName, { retryLimit: 0 });
      known.add(queueName);
    },
    async enqueue(trx, queueName, runKey) {
      check(queueName);
      const id = await boss.send(queueName, { runKey } satisfies Ticket, {
        db: fromKysely(trx),
        retentionSeconds: ticketRetentionSeconds,
      });
      if (id === null) throw new Error(`the queue ${queueName} did not take run ${runKey}`);
    },
    async take(trx, queueName) {
      check(queueName);
      const db = fromKysely(trx);
      const [job] = await boss.fetch<Ticket>(queueName, { db });
      if (!job) return undefined;
      await boss.deleteJob(queueName, job.id, { db });
      return job.data.runKey;
    },
    stop: () => boss.stop({ graceful: true, timeout: 5000 }),
  };
}

/** A run may wait this long for an agent before its ticket is dropped: a year. */
const ticketRetentionSeconds = 365 * 24 * 3600;
