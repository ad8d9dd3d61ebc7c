import { Link } from 'wouter';
import type { Cause, Image, RunProperties } from '../api/types.ts';
import { useRegistry } from '../registry-context.tsx';
import { Code } from './copy.tsx';
import { OutLink, providerName, repositoryName, sourceLinks } from './links.tsx';
import { exactTime } from './time.tsx';

/** `repository:tag`, with its registry where it is told. */
export function imageName({ registry, repository = '', tag }: Image): string {
  const host = registry === undefined ? '' : `${registry}/`;
  return `${host}${repository}${tag === undefined ? '' : `:${tag}`}`;
}

/** Enough of a digest to tell it from others. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}

/** Why a run is there, in a few words for a list. */
export function CauseText({ cause }: { cause: Cause }) {
  const { timerTrigger, sourceTrigger, imageUpdateTrigger } = cause;
  const [word, detail] = ((): [string, string] => {
    if (timerTrigger) return ['Timer', timerTrigger.timerTriggerName ?? ''];
    if (sourceTrigger) {
      const { eventType, commitId = '', branchName, pullRequestId } = sourceTrigger;
      const isPull = eventType === 'pullrequest';
      const where = isPull ? `#${pullRequestId ?? ''}` : (branchName ?? '');
      return [isPull ? 'Pull request' : 'Commit', `${commitId.slice(0, 7)} ${where}`.trim()];
    }
    if (imageUpdateTrigger) {
      return ['Base image', imageUpdateTrigger.images?.map((image) => imageName(image)).join(', ') ?? ''];
    }
    return ['By hand', ''];
  })();
  return (
    <span className="cause">
      {word}
      {detail !== '' && <span className="detail">{detail}</span>}
    </span>
  );
}

/** Why a run happened, as a sentence with links. */
export function CauseSentence({ run }: { run: RunProperties }) {
  const { page } = useRegistry();
  const { task, timerTrigger, sourceTrigger, imageUpdateTrigger } = run;
  const taskLink = task !== undefined && (
    <Link href={page(`/tasks/${encodeURIComponent(task)}`)}>{task}</Link>
  );
  if (timerTrigger) {
    const { timerTriggerName, scheduleOccurrence } = timerTrigger;
    return (
      <>
        The timer <b>{timerTriggerName}</b> of task {taskLink} was due
        {scheduleOccurrence !== undefined && <> at {exactTime(scheduleOccurrence)}</>}.
      </>
    );
  }
  if (sourceTrigger) {
    const { commitId = '', branchName, repositoryUrl = '', pullRequestId, eventType } = sourceTrigger;
    const links = sourceLinks(sourceTrigger);
    return (
      <>
        {eventType === 'pullrequest' ? (
          <>
            Pull request <OutLink href={links.pullRequest}>#{pullRequestId}</OutLink> was opened or changed,
            at commit{' '}
          </>
        ) : (
          'Somebody pushed commit '
        )}
        <OutLink href={links.commit}>
          <code title={commitId}>{commitId.slice(0, 7)}</code>
        </OutLink>
        {branchName !== undefined && (
          <>
            {' '}
            {eventType === 'pullrequest' ? 'for' : 'to'} branch <b>{branchName}</b>
          </>
        )}{' '}
        of <OutLink href={links.repository}>{repositoryName(repositoryUrl)}</OutLink> (
        {providerName(sourceTrigger.providerType)}), which task {taskLink} listens to.
      </>
    );
  }
  if (imageUpdateTrigger) {
    const images = imageUpdateTrigger.images ?? [];
    return (
      <>
        {images.length === 1 ? 'The base image ' : 'The base images '}
        {images.map((image, index) => (
          <span key={index}>
            {index > 0 && ', '}
            <b>{imageName(image)}</b>
            {image.digest !== undefined && (
              <>
                {' '}
                (now <Code text={image.digest} shown={shortDigest(image.digest)} what="digest" />)
              </>
            )}
          </span>
        ))}{' '}
        of task {taskLink} {images.length === 1 ? 'was' : 'were'} updated.
      </>
    );
  }
  if (taskLink) return <>Somebody ran task {taskLink} by hand.</>;
  return <>Somebody asked for this {run.runType === 'QuickBuild' ? 'build' : 'run'} by hand.</>;
}
