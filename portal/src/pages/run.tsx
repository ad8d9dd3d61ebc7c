import { Link, useLocation } from 'wouter';
import { isEnded, type Image, type RunProperties } from '../api/types.ts';
import { useQuery } from '../api/use-query.ts';
import { LogView } from '../log/log-view.tsx';
import { Badge } from '../parts/badge.tsx';
import { CauseSentence, imageName, shortDigest } from '../parts/cause.tsx';
import { Code } from '../parts/copy.tsx';
import { OutLink } from '../parts/links.tsx';
import { ErrorNotice, Loading, Notice } from '../parts/notice.tsx';
import { StepTable } from '../parts/step-table.tsx';
import { Duration, When } from '../parts/time.tsx';
import { useTitle } from '../parts/title.ts';
import { useAction } from '../parts/use-action.ts';
import { useRegistry } from '../registry-context.tsx';

/** A run: where it stands, why it is there, what it made, its steps and its log. */
export function RunPage({ runId }: { runId: string }) {
  const { api, place, page } = useRegistry();
  const [, navigate] = useLocation();
  const { data, error, reload } = useQuery(
    `run ${place.registry} ${runId}`,
    async (signal) => {
      const [run, steps] = await Promise.all([api.getRun(runId, signal), api.listSteps(runId, signal)]);
      const isQueued = run.properties.status === 'Queued';
      return {
        run: run.properties,
        steps: steps.value.map(({ properties }) => properties),
        queue: isQueued ? await api.getQueuePosition(runId, signal) : undefined,
      };
    },
    (found) => (isEnded(found.run.status) ? undefined : 1000),
  );
  const taskName = data?.run.task;
  const source = useQuery(`source ${place.registry} ${taskName}`, async (signal) => {
    if (taskName === undefined) return undefined;
    return (await api.getTask(taskName, signal)).properties.step?.contextPath;
  });
  const { isBusy, error: actionError, act } = useAction();
  useTitle(runId, data?.run.status, place.registry);
  const crumbs = (
    <nav className="crumbs" aria-label="Breadcrumb">
      <Link href={page('/runs')}>Runs</Link>
    </nav>
  );
  if (!data) {
    return (
      <>
        {crumbs}
        <h1>Run {runId}</h1>
        {error ? <ErrorNotice error={error} /> : <Loading />}
      </>
    );
  }
  const { run, steps, queue } = data;
  const { task, status } = run;
  const isOver = isEnded(status);
  const cancel = (): void => act(async () => api.cancelRun(runId).then(reload));
  const again = (name: string): void =>
    act(async () => {
      const next = await api.runTask(name);
      navigate(page(`/runs/${encodeURIComponent(next.name)}`));
    });
  return (
    <>
      {crumbs}
      <div className="heading">
        <h1>
          Run {runId} <Badge status={status} />
        </h1>
        <div className="actions">
          {!isOver && (
            <button type="button" className="danger" aria-disabled={isBusy} onClick={cancel}>
              Cancel
            </button>
          )}
          {task !== undefined && (
            <button
              type="button"
              title="Runs the task as it is now"
              aria-disabled={isBusy}
              onClick={() => again(task)}
            >
              Run again
            </button>
          )}
        </div>
      </div>
      <p className="lead">
        <CauseSentence run={run} />
      </p>
      <ErrorNotice error={actionError ?? error} />
      {run.runErrorMessage !== undefined && <Notice kind="error">{run.runErrorMessage}</Notice>}
      {queue && <QueueNotice {...queue} />}
      <Facts run={run} source={source.data} />
      {steps.length > 0 && <StepTable steps={steps} />}
      <LogView runId={runId} getPath={() => api.getLogPath(runId)} startsAtEnd={status !== 'Succeeded'} />
    </>
  );
}

function QueueNotice({ position, connectedAgents }: { position: number; connectedAgents: number }) {
  const before =
    position === 0
      ? 'It is next'
      : position === 1
        ? 'One run is before it'
        : `${position} runs are before it`;
  const agents =
    connectedAgents === 0
      ? 'no agent serves its queue at present'
      : connectedAgents === 1
        ? 'one agent serves its queue'
        : `${connectedAgents} agents serve its queue`;
  return (
    <Notice kind="info">
      It waits. {before}; {agents}.
    </Notice>
  );
}

/** `source` is that of the run's task as it is now; what triggered the run says it better. */
function Facts({ run, source }: { run: RunProperties; source: string | undefined }) {
  const { task, platform, agentPoolName, createTime, startTime, finishTime, status, outputImages = [] } = run;
  const { page } = useRegistry();
  const isOver = isEnded(status);
  const { os = '', architecture, variant } = platform ?? {};
  return (
    <dl className="facts">
      {task !== undefined && (
        <div>
          <dt>Task</dt>
          <dd>
            <Link href={page(`/tasks/${encodeURIComponent(task)}`)}>{task}</Link>
          </dd>
        </div>
      )}
      <div>
        <dt>Queued</dt>
        <dd>
          <When iso={createTime} />
        </dd>
      </div>
      <div>
        <dt>Waited</dt>
        <dd>
          <Duration from={createTime} to={startTime ?? finishTime} isOver={isOver} />
        </dd>
      </div>
      <div>
        <dt>Duration</dt>
        <dd>
          <Duration from={startTime} to={finishTime} isOver={isOver} />
        </dd>
      </div>
      <div>
        <dt>Platform</dt>
        <dd>{[os, architecture, variant].filter(Boolean).join('/')}</dd>
      </div>
      <div>
        <dt>Agent pool</dt>
        <dd>{agentPoolName ?? 'default'}</dd>
      </div>
      {source !== undefined && run.sourceTrigger === undefined && (
        <div className="wide">
          <dt>Source</dt>
          <dd>
            <OutLink href={source}>{source}</OutLink>
          </dd>
        </div>
      )}
      {outputImages.length > 0 && (
        <div className="wide">
          <dt>{outputImages.length === 1 ? 'Image' : 'Images'}</dt>
          <dd>
            {outputImages.map((image, index) => (
              <OutputImage key={index} image={image} />
            ))}
          </dd>
        </div>
      )}
    </dl>
  );
}

function OutputImage({ image }: { image: Image }) {
  const name = imageName(image);
  return (
    <div className="image">
      <Code text={name} what="image name" />
      {image.digest !== undefined && (
        <Code text={image.digest} shown={shortDigest(image.digest)} what={`digest of ${name}`} />
      )}
    </div>
  );
}
