import type { HookMessage, SourceEvent } from '../../forges/index.ts';
import type { Delivery } from '../../model/index.ts';
import type { SourceTrigger, Task } from '../../spec/index.ts';
import { repositoryKey } from './request.ts';

/** Why an event starts no run of a task; undefined when it does. */
export function whyIgnored(
  properties: Task['properties'],
  trigger: SourceTrigger,
  message: Pick<HookMessage, 'repositoryUrls'>,
  event: SourceEvent,
): string | undefined {
  const { sourceRepository, sourceTriggerEvents } = trigger;
  if (properties.status === 'Disabled') return 'the task is disabled';
  if (trigger.status === 'Disabled') return `the trigger ${trigger.name} is disabled`;
  if (event.ignoredBecause !== undefined) return event.ignoredBecause;
  const wanted = repositoryOf(sourceRepository.repositoryUrl);
  if (!message.repositoryUrls.some((url) => repositoryOf(url) === wanted)) {
    const given = message.repositoryUrls[0] ?? 'no repository';
    return `it is of ${given.slice(0, 500)}; the trigger is for ${wanted}`;
  }
  if (!sourceTriggerEvents.includes(event.kind)) {
    return `the trigger is for ${sourceTriggerEvents.join(' and ') || 'no events'}, not for ${event.kind}`;
  }
  return whyOtherBranch(branchOf(properties, trigger), event);
}

/** Why a pull request runs only when somebody asks for it; undefined for everything else. */
export function whyHeld({ outside }: SourceEvent): string | undefined {
  if (outside === undefined) return undefined;
  return (
    `the pull request is from ${outside}: its code would run with the rights and secrets of the task. ` +
    'To run this very commit anyway: slipway redeliver ID (to run all of them: slipway server --fork-pull-requests run)'
  );
}

/**
 * Why an event that was taken is no longer the task's as it is now; undefined while it is. Who sends one again
 * by hand may do so for a disabled trigger, but not for another repository than its commit is in.
 */
export function whyOutdated(
  { trigger }: Task['properties'],
  { triggerName, trigger: event, redeliveryOf }: Pick<Delivery, 'triggerName' | 'trigger' | 'redeliveryOf'>,
): string | undefined {
  const { sourceTriggers = [], timerTriggers = [], baseImageTrigger } = trigger ?? {};
  const isByHand = redeliveryOf !== undefined;
  if (isByHand && event.kind !== 'source') return undefined;
  const all = {
    source: sourceTriggers,
    timer: timerTriggers,
    image: baseImageTrigger ? [baseImageTrigger] : [],
  };
  const found = all[event.kind].find(({ name }) => name === triggerName);
  if (!found) return `the task has no trigger ${triggerName} any more`;
  if (found.status === 'Disabled' && !isByHand) return `the trigger ${triggerName} is disabled`;
  if (event.kind !== 'source' || !('sourceRepository' in found)) return undefined;
  const wanted = repositoryOf(found.sourceRepository.repositoryUrl);
  if (repositoryOf(event.repositoryUrl) === wanted) return undefined;
  return `it is of ${event.repositoryUrl}; the trigger ${triggerName} is for ${wanted} by now`;
}

/**
 * The branch that a trigger is for: its own, otherwise that of the task's context when that is in the same
 * repository; undefined for every branch and tag. `refs/tags/…` is a tag; one `*` at its end means any.
 */
function branchOf(properties: Task['properties'], { sourceRepository }: SourceTrigger): string | undefined {
  if (sourceRepository.branch) return sourceRepository.branch.replace(/^refs\/heads\//, '');
  const [url = '', fragment = ''] = (properties.step?.contextPath ?? '').split('#', 2);
  if (repositoryOf(url) !== repositoryOf(sourceRepository.repositoryUrl)) return undefined;
  return fragment.split(':', 1)[0]?.replace(/^refs\/heads\//, '') || undefined;
}

function whyOtherBranch(wanted: string | undefined, { branch, tag }: SourceEvent): string | undefined {
  if (wanted === undefined) return undefined;
  const given = tag === undefined ? (branch ?? '') : `refs/tags/${tag}`;
  const isMeant =
    wanted.startsWith('refs/tags/') && wanted.endsWith('*')
      ? given.startsWith(wanted.slice(0, -1))
      : given === wanted;
  if (isMeant) return undefined;
  const what = tag === undefined ? `the branch ${given}` : `the tag ${tag}`;
  return `it is about ${what.slice(0, 500)}; the trigger is for ${wanted}`;
}

/** The same for the two addresses that a repository of Azure DevOps has. */
function repositoryOf(url: string): string {
  return repositoryKey(url).replace(
    /^([^/.]+)\.visualstudio\.com\/(defaultcollection\/)?/,
    (_, organization: string) => `dev.azure.com/${organization}/`,
  );
}
