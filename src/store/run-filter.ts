import { sql, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely';
import { runStatuses, runTypes, type RunFilter } from '../model/index.ts';
import type { Database } from './schema.ts';

type Builder = ExpressionBuilder<Database, 'runs'>;
type Comparison = Extract<RunFilter, { kind: 'compare' }>;

// What has no value is not equal to a given one (OData 4.01 part 2, §5.1.1.1.2), as SQL's <> does not say.
const operators = { eq: '=', ne: 'is distinct from', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;

/** A `$filter` as a condition over `runs`, its values bound as parameters. */
export function runFilterExpression(eb: Builder, filter: RunFilter): Expression<SqlBool> {
  switch (filter.kind) {
    case 'and':
      return eb.and([runFilterExpression(eb, filter.left), runFilterExpression(eb, filter.right)]);
    case 'or':
      return eb.or([runFilterExpression(eb, filter.left), runFilterExpression(eb, filter.right)]);
    case 'contains':
      return filter.property === 'outputImageManifests'
        ? hasOutputImage(filter.text)
        : sql<SqlBool>`strpos(lower(${textOf(filter.property)}), ${filter.text.toLowerCase()}) > 0`;
    case 'compare':
      return compare(eb, filter);
  }
}

function compare(eb: Builder, { property, operator, value }: Comparison): Expression<SqlBool> {
  const sign = sql.raw(operators[operator]);
  if (value === null) return compareToNull(eb, property, operator);
  if (property === 'outputImageManifests') {
    const found = hasOutputImage(String(value));
    return operator === 'ne' ? eb.not(found) : found;
  }
  if (isColumn(property)) return sql<SqlBool>`${columnOf(property)} ${sign} ${value}`;
  const text = String(value);
  // Stored in their canonical case, so that the index serves them.
  if (property === 'status') return sql<SqlBool>`status ${sign} ${canonical(runStatuses, text)}`;
  if (property === 'runType') return sql<SqlBool>`run_type ${sign} ${canonical(runTypes, text)}`;
  return sql<SqlBool>`${textOf(property)} ${sign} ${text.toLowerCase()}`;
}

/** Nothing is greater or less than null. */
function compareToNull(
  eb: Builder,
  property: Comparison['property'],
  operator: Comparison['operator'],
): Expression<SqlBool> {
  if (operator !== 'eq' && operator !== 'ne') return eb.lit(false);
  const isNull =
    property === 'outputImageManifests'
      ? sql<SqlBool>`output_images = '[]'`
      : sql<SqlBool>`${isColumn(property) ? columnOf(property) : textOf(property)} is null`;
  return operator === 'ne' ? eb.not(isNull) : isNull;
}

type ColumnProperty = 'createTime' | 'finishTime' | 'isArchiveEnabled';

function isColumn(property: Comparison['property']): property is ColumnProperty {
  return property === 'createTime' || property === 'finishTime' || property === 'isArchiveEnabled';
}

function columnOf(property: ColumnProperty) {
  const names = {
    createTime: 'create_time',
    finishTime: 'finish_time',
    isArchiveEnabled: 'is_archive_enabled',
  };
  return sql.ref(names[property]);
}

function textOf(property: Comparison['property']) {
  const expressions: Record<string, string> = {
    runId: 'run_id',
    status: 'status',
    runType: 'run_type',
    taskName: 'lower(task_name)',
    agentPoolName: 'lower(agent_pool_name)',
  };
  return sql.raw<string>(expressions[property] ?? 'run_id');
}

function canonical(names: readonly string[], text: string): string {
  return names.find((name) => name.toLowerCase() === text.toLowerCase()) ?? text;
}

/** Whether a run made `repository@digest`, or the same with the registry before it. */
function hasOutputImage(text: string): Expression<SqlBool> {
  return sql<SqlBool>`exists (
    select 1 from jsonb_array_elements(output_images) as image
    where strpos(
      coalesce(image->>'registry', '') || '/' || coalesce(image->>'repository', '') || '@' || coalesce(image->>'digest', ''),
      ${text}) > 0)`;
}
