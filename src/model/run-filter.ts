/** A property of a run that `$filter` may name, in its canonical spelling. */
export const runFilterProperties = [
  'runId',
  'runType',
  'status',
  'createTime',
  'finishTime',
  'outputImageManifests',
  'isArchiveEnabled',
  'taskName',
  'agentPoolName',
] as const;
export type RunFilterProperty = (typeof runFilterProperties)[number];

export type ComparisonOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

/** A parsed `$filter` of Runs_List. */
export type RunFilter =
  | { readonly kind: 'and' | 'or'; readonly left: RunFilter; readonly right: RunFilter }
  | {
      readonly kind: 'compare';
      readonly property: RunFilterProperty;
      readonly operator: ComparisonOperator;
      readonly value: string | boolean | Date | null;
    }
  | { readonly kind: 'contains'; readonly property: RunFilterProperty; readonly text: string };
