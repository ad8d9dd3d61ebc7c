import { sql, type Kysely, type Transaction } from 'kysely';
import { operationStatusOf, type Operation, type OperationStatus } from '../model/index.ts';
import type { Database } from './schema.ts';

type Db = Kysely<Database> | Transaction<Database>;

export interface NewOperation {
  readonly operationId: string;
  readonly resourceId: string;
  /** With a run, the operation ends when the run does. */
  readonly runKey?: number;
}

export async function insertOperation(db: Db, operation: NewOperation): Promise<void> {
  await db
    .insertInto('operations')
    .values({
      operation_id: operation.operationId,
      resource_key: operation.resourceId.toLowerCase(),
      run_key: operation.runKey ?? null,
      status: 'InProgress',
      error: null,
    })
    .execute();
}

/** Ends every operation of a resource that is in progress. */
export async function endOperationsOf(
  db: Db,
  resourceId: string,
  status: Exclude<OperationStatus, 'InProgress'>,
  error?: { code: string; message: string },
): Promise<void> {
  await db
    .updateTable('operations')
    .set({ status, error: error ? JSON.stringify(error) : null, ended_at: sql<Date>`now()` })
    .where('resource_key', '=', resourceId.toLowerCase())
    .where('status', '=', 'InProgress')
    .execute();
}

/** The operation of that resource; one that stands for a run is where the run is. */
export async function findOperation(
  db: Db,
  resourceId: string,
  operationId: string,
): Promise<Operation | undefined> {
  const row = await db
    .selectFrom('operations')
    .leftJoin('runs', 'runs.run_key', 'operations.run_key')
    .select(['operation_id', 'operations.status', 'error', 'created_at', 'ended_at'])
    .select(['runs.status as run_status', 'runs.error_message', 'runs.finish_time'])
    .where('operation_id', '=', operationId)
    .where('resource_key', '=', resourceId.toLowerCase())
    .executeTakeFirst();
  if (!row) return undefined;
  const isOfRun = row.status === 'InProgress' && row.run_status !== null;
  const status = isOfRun && row.run_status ? operationStatusOf(row.run_status) : row.status;
  const endTime = row.ended_at ?? (status === 'InProgress' ? undefined : row.finish_time);
  const ofRun = { code: `Run${status}`, message: row.error_message ?? 'the run did not succeed' };
  const error =
    row.error ?? (isOfRun && status !== 'InProgress' && status !== 'Succeeded' ? ofRun : undefined);
  return {
    operationId: row.operation_id,
    status,
    startTime: row.created_at,
    ...(endTime && { endTime }),
    ...(error && { error }),
  };
}

/** Forgets operations that ended, or whose run ended, before that time. Answers how many. */
export async function deleteOperationsBefore(db: Db, time: Date): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('operations')
    .where((eb) =>
      eb.or([
        eb('ended_at', '<', time),
        eb('run_key', 'in', eb.selectFrom('runs').select('run_key').where('finish_time', '<', time)),
      ]),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
