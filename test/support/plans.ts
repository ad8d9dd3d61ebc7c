import assert from 'node:assert/strict';
import type { Kysely, KyselyPlugin, RootOperationNode } from 'kysely';
import type { Database } from '../../src/store/index.ts';

/** A node of PostgreSQL's `explain (format json)`, as far as it matters here. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  /** As it estimates. */
  readonly 'Plan Rows': number;
  readonly Plans?: readonly PlanNode[];
}

/** Runs a query function as it is, but asks the database only how it would do it. */
export async function planOf(
  db: Kysely<Database>,
  query: (db: Kysely<Database>) => Promise<unknown>,
): Promise<PlanNode[]> {
  const nodes: PlanNode[] = [];
  const flatten = (node: PlanNode): void => {
    nodes.push(node);
    node.Plans?.forEach(flatten);
  };
  const explain: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (node.kind !== 'RawNode') {
        return { ...node, explain: { kind: 'ExplainNode', format: 'json' } } as RootOperationNode; // a select is one
      }
      const [first = '', ...rest] = node.sqlFragments;
      return { ...node, sqlFragments: [`explain (format json) ${first}`, ...rest] };
    },
    transformResult: async ({ result }) => {
      for (const row of result.rows) {
        const [{ Plan }] = row['QUERY PLAN'] as [{ Plan: PlanNode }]; // what explain answers
        flatten(Plan);
      }
      return { ...result, rows: [] };
    },
  };
  await query(db.withPlugin(explain));
  assert.ok(nodes.length > 0, 'there is a plan');
  return nodes;
}
