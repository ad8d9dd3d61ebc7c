import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { sql, type UpdateObject } from 'kysely';
import { addRegistry, addRun, onBothDatabases } from '../../test/support/databases.ts';
import type { RunFilter } from '../model/index.ts';
import { listRuns, type Database } from './index.ts';

type Value = Extract<RunFilter, { kind: 'compare' }>['value'];
type Property = Extract<RunFilter, { kind: 'compare' }>['property'];
type Operator = Extract<RunFilter, { kind: 'compare' }>['operator'];

const is = (property: Property, operator: Operator, value: Value): RunFilter => ({
  kind: 'compare',
  property,
  operator,
  value,
});
const has = (property: Property, text: string): RunFilter => ({ kind: 'contains', property, text });
const both = (kind: 'and' | 'or', left: RunFilter, right: RunFilter): RunFilter => ({ kind, left, right });
const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));

onBothDatabases((database) => {
  const db = () => database.store.db;
  const idsOf = async (registryId: string, filter?: RunFilter) =>
    (await listRuns(db(), registryId, { filter, before: undefined, limit: 100 })).map(({ runId }) => runId);

  describe('pages', () => {
    test('runs come newest first, those of other registries not at all', async () => {
      const [registryId, other] = [await addRegistry(database.store), await addRegistry(database.store)];
      for (const each of [registryId, other, registryId, registryId]) await addRun(database.store, each);
      assert.deepEqual(await idsOf(registryId), ['ca3', 'ca2', 'ca1']);
      assert.deepEqual(await idsOf(randomUUID()), []);
    });

    test('each run is on one page, also when runs are added meanwhile', async () => {
      const registryId = await addRegistry(database.store);
      for (let number = 0; number < 10; number += 1) await addRun(database.store, registryId);
      const seen: string[] = [];
      for (let before: number | undefined; ;) {
        const page = await listRuns(db(), registryId, { filter: undefined, before, limit: 3 });
        if (page.length === 0) break;
        seen.push(...page.map(({ runId }) => runId));
        before = page.at(-1)?.runKey;
        await addRun(database.store, registryId);
      }
      assert.deepEqual(
        seen,
        Array.from({ length: 10 }, (_, index) => `ca${10 - index}`),
      );
    });

    test('pages of a filter hold only what it chooses', async () => {
      const registryId = await addRegistry(database.store);
      for (let number = 0; number < 9; number += 1) {
        await addRun(database.store, registryId, { isArchiveEnabled: number % 3 === 0 });
      }
      const filter = is('isArchiveEnabled', 'eq', true);
      const first = await listRuns(db(), registryId, { filter, before: undefined, limit: 2 });
      const rest = await listRuns(db(), registryId, { filter, before: first.at(-1)?.runKey, limit: 2 });
      assert.deepEqual(
        [...first, ...rest].map(({ runId }) => runId),
        ['ca7', 'ca4', 'ca1'],
      );
    });
  });

  describe('filters', () => {
    /** Four runs: a nightly one that made an image, one in a pool that failed, one that runs, one that waits. */
    const fill = async (): Promise<string> => {
      const registryId = await addRegistry(database.store);
      const image = { registry: 'localhost:5001', repository: 'team/app', tag: 'v1', digest: 'sha256:aa11' };
      const inputs: { change: UpdateObject<Database, 'runs'>; create: Date; pool?: string }[] = [
        {
          change: {
            status: 'Succeeded',
            run_type: 'AutoRun',
            task_name: 'Nightly',
            finish_time: at(2),
            is_archive_enabled: true,
            output_images: JSON.stringify([image]),
          },
          create: at(1),
        },
        {
          change: { status: 'Failed', task_name: "it's 100%", finish_time: at(4) },
          create: at(3),
          pool: 'Fast',
        },
        { change: { status: 'Running' }, create: at(5) },
        { change: {}, create: at(6) },
      ];
      for (const { change, create, pool } of inputs) {
        const { runKey } = await addRun(database.store, registryId, { agentPoolName: pool });
        await sql`update runs set create_time = ${create} where run_key = ${runKey}`.execute(db());
        const update = db()
          .updateTable('runs')
          .set({ last_updated_time: create, ...change });
        await update.where('run_key', '=', runKey).execute();
      }
      return registryId;
    };
    let filled: Promise<string> | undefined;
    const evil = "x' or '1'='1'; drop table runs; --";

    const cases: [name: string, filter: RunFilter, expected: string[]][] = [
      ['status', is('status', 'eq', 'Failed'), ['ca2']],
      ['status in any case', is('status', 'eq', 'fAILED'), ['ca2']],
      ['status ne', is('status', 'ne', 'failed'), ['ca4', 'ca3', 'ca1']],
      ['a status that is none', is('status', 'eq', 'Bored'), []],
      ['status contains', has('status', 'EED'), ['ca1']],
      ['run type', is('runType', 'eq', 'autorun'), ['ca1']],
      ['run id', is('runId', 'eq', 'CA3'), ['ca3']],
      ['run id gt', is('runId', 'gt', 'ca2'), ['ca4', 'ca3']],
      ['run id le', is('runId', 'le', 'ca2'), ['ca2', 'ca1']],
      ['task name in any case', is('taskName', 'eq', 'nightLY'), ['ca1']],
      ['task name with quote and percent', is('taskName', 'eq', "it's 100%"), ['ca2']],
      ['task name contains', has('taskName', 'IGHT'), ['ca1']],
      ['contains a percent sign', has('taskName', '%'), ['ca2']],
      ['contains an underscore', has('taskName', '_'), []],
      ['contains nothing', has('taskName', ''), ['ca2', 'ca1']],
      ['task name eq null', is('taskName', 'eq', null), ['ca4', 'ca3']],
      ['task name ne null', is('taskName', 'ne', null), ['ca2', 'ca1']],
      // OData 4.01 part 2 §5.1.1.1.2: what has no value is not equal to one that is given.
      ['task name ne a text', is('taskName', 'ne', 'nightly'), ['ca4', 'ca3', 'ca2']],
      ['agent pool', is('agentPoolName', 'eq', 'fast'), ['ca2']],
      ['agent pool ne', is('agentPoolName', 'ne', 'fast'), ['ca4', 'ca3', 'ca1']],
      ['archive', is('isArchiveEnabled', 'eq', true), ['ca1']],
      ['archive ne', is('isArchiveEnabled', 'ne', true), ['ca4', 'ca3', 'ca2']],
      ['create time ge', is('createTime', 'ge', at(3)), ['ca4', 'ca3', 'ca2']],
      ['create time lt', is('createTime', 'lt', at(3)), ['ca1']],
      ['create time eq', is('createTime', 'eq', at(5)), ['ca3']],
      ['finish time gt', is('finishTime', 'gt', at(2)), ['ca2']],
      ['finish time eq null', is('finishTime', 'eq', null), ['ca4', 'ca3']],
      ['finish time gt null', is('finishTime', 'gt', null), []],
      ['finish time ne', is('finishTime', 'ne', at(2)), ['ca4', 'ca3', 'ca2']],
      ['image by digest', has('outputImageManifests', 'team/app@sha256:aa11'), ['ca1']],
      ['image eq', is('outputImageManifests', 'eq', 'team/app@sha256:aa11'), ['ca1']],
      [
        'image with its registry',
        has('outputImageManifests', 'localhost:5001/team/app@sha256:aa11'),
        ['ca1'],
      ],
      ['image ne', is('outputImageManifests', 'ne', 'team/app@sha256:aa11'), ['ca4', 'ca3', 'ca2']],
      ['another image', has('outputImageManifests', 'app@sha256:bb22'), []],
      ['no image', is('outputImageManifests', 'eq', null), ['ca4', 'ca3', 'ca2']],
      ['any image', is('outputImageManifests', 'ne', null), ['ca1']],
      ['and', both('and', is('status', 'eq', 'Failed'), is('agentPoolName', 'eq', 'fast')), ['ca2']],
      ['or', both('or', is('status', 'eq', 'Failed'), is('runId', 'eq', 'ca4')), ['ca4', 'ca2']],
      [
        'an or inside an and',
        both(
          'and',
          both('or', is('runId', 'eq', 'ca1'), is('runId', 'eq', 'ca2')),
          is('isArchiveEnabled', 'eq', false),
        ),
        ['ca2'],
      ],
      ...(
        ['status', 'runType', 'runId', 'taskName', 'agentPoolName', 'outputImageManifests'] as const
      ).flatMap((property): [string, RunFilter, string[]][] => [
        [`SQL in ${property}`, is(property, 'eq', evil), []],
        [`SQL in contains of ${property}`, has(property, evil), []],
      ]),
      ['a backslash', has('taskName', '\\'), []],
      ['a dollar parameter', is('taskName', 'eq', '$1'), []],
    ];
    for (const [name, filter, expected] of cases) {
      test(`${name}: ${expected.join(', ') || 'none'}`, async () => {
        assert.deepEqual(await idsOf(await (filled ??= fill()), filter), expected);
      });
    }

    test('a filter does not widen the registry', async () => {
      await (filled ??= fill());
      const other = await addRegistry(database.store);
      const all = both('or', is('runId', 'ne', 'x'), is('runId', 'eq', 'x'));
      assert.deepEqual(await idsOf(other, all), []);
    });

    test('a filter of many conditions', async () => {
      const registryId = await (filled ??= fill());
      let filter = is('runId', 'eq', 'ca1');
      for (let more = 0; more < 250; more += 1) filter = both('or', filter, is('runId', 'eq', 'ca2'));
      assert.deepEqual(await idsOf(registryId, filter), ['ca2', 'ca1']);
    });
  });
});
