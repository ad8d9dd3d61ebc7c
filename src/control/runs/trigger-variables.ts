import { triggeredBy, type RunTrigger, type RunVariables } from '../../model/index.ts';

/** What templates know of what started a run; what is missing the agent reads from the source. */
export function triggerVariables(
  trigger: RunTrigger | undefined,
): Pick<RunVariables, 'TriggeredBy' | 'Repository' | 'Branch' | 'Commit' | 'GitTag'> {
  const TriggeredBy = triggeredBy(trigger);
  if (trigger?.kind !== 'source') return { TriggeredBy };
  const { repositoryUrl, branchName, commitId, tagName } = trigger;
  return {
    TriggeredBy,
    Repository: repositoryUrl,
    Commit: commitId,
    ...(branchName !== undefined && { Branch: branchName }),
    ...(tagName !== undefined && { GitTag: tagName }),
  };
}
