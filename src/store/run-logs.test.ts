import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from 'kysely';
import { addRegistry, addRun, onBothDatabases } from '../../test/support/databases.ts';
import {
  appendLog,
  appendToLog,
  claimRun,
  endRun,
  findUnsealedLogs,
  freeLogSpace,
  isLogSealed,
  markLogSealed,
  maxChunkBytes,
  readLogChunks,
  requeueRun,
  type LeaseHolder,
} from './index.ts';

const now = new Date('2026-01-01T00:00:00Z');

onBothDatabases((database) => {
  const db = () => database.store.db;
  const held = async (): Promise<LeaseHolder> => {
    const { runKey } = await addRun(database.store, await addRegistry(database.store));
    return claim(runKey);
  };
  const claim = async (runKey: number): Promise<LeaseHolder> => {
    const agentId = randomUUID();
    const claimed = await db()
      .transaction()
      .execute((trx) => claimRun(trx, 'runs.default.linux', runKey, agentId, 60, now));
    return { runKey, agentId, attempt: claimed?.run.attempt ?? 0 };
  };
  const append = (holder: LeaseHolder, offset: number, text: string) =>
    db()
      .transaction()
      .execute((trx) => appendLog(trx, holder, offset, Buffer.from(text)));
  const say = (runKey: number, text: string) =>
    db()
      .transaction()
      .execute((trx) => appendToLog(trx, runKey, Buffer.from(text)));
  /** Bytes of `[start, end)`, read as a face does. */
  const read = async (runKey: number, start: number, end: number, limit = 2): Promise<string> => {
    const pieces: Uint8Array[] = [];
    for (let at = start; at < end;) {
      const chunks = await readLogChunks(db(), runKey, at, end, limit);
      if (chunks.length === 0) break;
      for (const { startByte, bytes } of chunks) {
        assert.ok(startByte <= at, `a gap at byte ${at}`);
        const piece = bytes.subarray(at - startByte, end - startByte);
        at += piece.length;
        pieces.push(piece);
      }
    }
    return Buffer.concat(pieces).toString();
  };
  const sizeOf = async (runKey: number) =>
    (
      await db()
        .selectFrom('runs')
        .select('log_size_bytes')
        .where('run_key', '=', runKey)
        .executeTakeFirstOrThrow()
    ).log_size_bytes;

  test('pieces are stored in order, and the size grows with them', async () => {
    const holder = await held();
    assert.deepEqual(await append(holder, 0, 'one '), { nextOffset: 4, isStored: true });
    assert.deepEqual(await append(holder, 4, 'two '), { nextOffset: 8, isStored: true });
    assert.deepEqual(await append(holder, 8, ''), { nextOffset: 8, isStored: false });
    assert.equal(await read(holder.runKey, 0, 8), 'one two ');
    assert.equal(await sizeOf(holder.runKey), 8);
  });

  test('a piece that is sent twice, late or early is not stored, and the answer says where to go on', async () => {
    const holder = await held();
    await append(holder, 0, 'one ');
    const expected = { nextOffset: 4, isStored: false };
    assert.deepEqual(await append(holder, 0, 'one '), expected);
    assert.deepEqual(await append(holder, 2, 'e two'), expected);
    assert.deepEqual(await append(holder, 5, 'early'), expected);
    assert.equal(await read(holder.runKey, 0, 100), 'one ');
  });

  test('the same piece sent many times at once is stored once', async () => {
    const holder = await held();
    const answers = await Promise.all(Array.from({ length: 8 }, () => append(holder, 0, 'piece')));
    assert.equal(answers.filter((answer) => answer?.isStored).length, 1);
    for (const answer of answers) assert.equal(answer?.nextOffset, 5);
    assert.equal(await read(holder.runKey, 0, 100), 'piece');
  });

  test('nobody but the holder writes', async () => {
    const holder = await held();
    for (const stranger of [
      { ...holder, agentId: randomUUID() },
      { ...holder, attempt: 0 },
      { ...holder, runKey: holder.runKey + 1000 },
    ]) {
      assert.equal(await append(stranger, 0, 'forged'), undefined);
    }
    const outcome = {
      status: 'Succeeded',
      errorMessage: undefined,
      outputImages: [],
      dependencies: [],
    } as const;
    await endRun(db(), holder.runKey, holder, outcome, now);
    assert.equal(await append(holder, 0, 'late'), undefined, 'nor the holder after the end');
    assert.equal(await sizeOf(holder.runKey), 0);
  });

  test('the next attempt writes on where the log ends, at its own offset 0', async () => {
    const first = await held();
    await append(first, 0, 'first ');
    await db()
      .transaction()
      .execute((trx) => requeueRun(trx, first, now));
    assert.equal(await append(first, 6, 'late '), undefined);
    await say(first.runKey, 'lost ');
    const second = await claim(first.runKey);
    assert.equal(await append(first, 6, 'late '), undefined);
    assert.deepEqual(await append(second, 0, 'second'), { nextOffset: 6, isStored: true });
    assert.equal(await read(first.runKey, 0, 100), 'first lost second');
  });

  test('any range is read, across chunks and inside of them', async () => {
    const { runKey } = await held();
    for (const text of ['0123', '4', '56789']) await say(runKey, text);
    for (let start = 0; start < 10; start += 1) {
      for (let end = start; end <= 12; end += 1) {
        for (const limit of [1, 8]) {
          assert.equal(
            await read(runKey, start, end, limit),
            '0123456789'.slice(start, end),
            `${start}-${end}`,
          );
        }
      }
    }
    assert.equal(await read(runKey, 10, 20), '');
  });

  test('chunks of the greatest length are found at their first and last byte; longer ones are refused', async () => {
    const { runKey } = await held();
    await say(runKey, 'a'.repeat(maxChunkBytes));
    await say(runKey, 'b'.repeat(maxChunkBytes));
    for (const [start, expected] of [
      [0, 'a'],
      [maxChunkBytes - 1, 'a'],
      [maxChunkBytes, 'b'],
      [2 * maxChunkBytes - 1, 'b'],
    ] as const) {
      assert.equal(await read(runKey, start, start + 1), expected, `at ${start}`);
    }
    await assert.rejects(say(runKey, 'c'.repeat(maxChunkBytes + 1)), /at most 262144 bytes/);
    assert.equal(await sizeOf(runKey), 2 * maxChunkBytes);
  });

  test('bytes that are no text come back as they were', async () => {
    const { runKey } = await held();
    const bytes = Buffer.from([...Array(256).keys()]);
    await db()
      .transaction()
      .execute((trx) => appendToLog(trx, runKey, bytes));
    const [chunk] = await readLogChunks(db(), runKey, 0, 256, 1);
    assert.deepEqual(Buffer.from(chunk?.bytes ?? []), bytes);
  });

  test('readers see a log without gaps while it grows', async () => {
    const holder = await held();
    const lines = Array.from({ length: 60 }, (_, index) => `line ${index}\r\n`);
    const whole = lines.join('');
    const write = async (): Promise<void> => {
      let offset = 0;
      for (const line of lines) offset = (await append(holder, offset, line))?.nextOffset ?? 0;
    };
    const follow = async (): Promise<string> => {
      let seen = '';
      while (seen.length < whole.length) {
        const size = await sizeOf(holder.runKey);
        const more = await read(holder.runKey, seen.length, size);
        assert.equal(more.length, size - seen.length, 'as much as the size promised');
        seen += more;
      }
      return seen;
    };
    const [, ...seen] = await Promise.all([write(), follow(), follow(), follow()]);
    for (const each of seen) assert.equal(each, whole);
  });

  test('the log of a run that has ended is sealed: its chunks go, its size stays', async () => {
    const [ended, running] = [await held(), await held()];
    await append(ended, 0, 'done');
    await append(running, 0, 'busy');
    const unsealed = async () => (await findUnsealedLogs(db(), 1000)).map(({ runKey }) => runKey);
    assert.ok(!(await unsealed()).includes(ended.runKey));
    const outcome = { status: 'Failed', errorMessage: 'x', outputImages: [], dependencies: [] } as const;
    await endRun(db(), ended.runKey, ended, outcome, now);
    const found = await findUnsealedLogs(db(), 1000);
    assert.ok(found.some(({ runKey, sizeBytes }) => runKey === ended.runKey && sizeBytes === 4));
    assert.equal(await isLogSealed(db(), ended.runKey), false);

    await db()
      .transaction()
      .execute((trx) => markLogSealed(trx, ended.runKey));
    assert.equal(await isLogSealed(db(), ended.runKey), true);
    assert.equal(await read(ended.runKey, 0, 4), '');
    assert.equal(await sizeOf(ended.runKey), 4);
    assert.ok(!(await unsealed()).includes(ended.runKey));
    assert.equal(await read(running.runKey, 0, 4), 'busy');
  });

  if (database.kind === 'PGlite')
    test('the room of a sealed log goes back to the disk', async () => {
      const holder = await held();
      for (let piece = 0; piece < 20; piece += 1) {
        const noise = randomBytes(maxChunkBytes / 2).toString('hex');
        await append(holder, piece * maxChunkBytes, noise);
      }
      const sizeBytes = async (): Promise<number> => {
        const query = sql<{
          bytes: number;
        }>`select pg_total_relation_size('run_log_chunks')::float8 as bytes`;
        return (await query.execute(db())).rows[0]?.bytes ?? 0;
      };
      const before = await sizeBytes();
      await db()
        .transaction()
        .execute((trx) => markLogSealed(trx, holder.runKey));
      assert.equal(await sizeBytes(), before);
      await freeLogSpace(database.store);
      assert.ok((await sizeBytes()) < before / 2, `${await sizeBytes()} of ${before} bytes`);
    });
});
