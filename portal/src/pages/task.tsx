import { Link, useLocation } from 'wouter';
import { isEnded, type Task, type TaskStep } from '../api/types.ts';
import { useQuery } from '../api/use-query.ts';
import { Badge } from '../parts/badge.tsx';
import { imageName, shortDigest } from '../parts/cause.tsx';
import { Code } from '../parts/copy.tsx';
import { decodeBase64 } from '../parts/decode-base64.ts';
import { OutLink } from '../parts/links.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { RunTable } from '../parts/run-table.tsx';
import { durationText, When } from '../parts/time.tsx';
import { useTitle } from '../parts/title.ts';
import { Triggers } from '../parts/triggers.tsx';
import { useAction } from '../parts/use-action.ts';
import { useRegistry } from '../registry-context.tsx';

const shownRuns = '10';

/** A task: what it does, what starts it, what it stands on, and its last runs. */
export function TaskPage({ name }: { name: string }) {
  const { api, place, page } = useRegistry();
  useTitle(name, place.registry);
  const [, navigate] = useLocation();
  const { data, error, reload } = useQuery(`task ${place.registry} ${name}`, (signal) =>
    api.getTask(name, signal),
  );
  const { isBusy, error: actionError, act } = useAction();
  const crumbs = (
    <nav className="crumbs" aria-label="Breadcrumb">
      <Link href={page('/tasks')}>Tasks</Link>
    </nav>
  );
  if (!data) {
    return (
      <>
        {crumbs}
        <h1>{name}</h1>
        {error ? <ErrorNotice error={error} /> : <Loading />}
      </>
    );
  }
  const isEnabled = data.properties.status === 'Enabled';
  const run = (): void =>
    act(async () => {
      const started = await api.runTask(data.name);
      navigate(page(`/runs/${encodeURIComponent(started.name)}`));
    });
  const toggle = (): void =>
    act(async () => {
      await api.updateTask(data.name, { status: isEnabled ? 'Disabled' : 'Enabled' });
      reload();
    });
  return (
    <>
      {crumbs}
      <div className="heading">
        <h1>
          {data.name} <Badge status={data.properties.status} />
        </h1>
        <div className="actions">
          <button type="button" aria-disabled={isBusy} onClick={toggle}>
            {isEnabled ? 'Disable' : 'Enable'}
          </button>
          <button
            type="button"
            className="primary"
            disabled={!isEnabled}
            aria-disabled={isBusy}
            onClick={run}
          >
            Run now
          </button>
        </div>
      </div>
      <ErrorNotice error={actionError ?? error} />
      <Facts task={data} />
      <Triggers task={data} />
      <BaseImages step={data.properties.step} />
      <LastRuns name={data.name} />
    </>
  );
}

function Facts({ task: { properties } }: { task: Task }) {
  const { step, platform, agentPoolName, timeout, creationDate } = properties;
  const { os = '', architecture, variant } = platform ?? {};
  return (
    <dl className="facts">
      {step && <StepFacts step={step} />}
      <div>
        <dt>Platform</dt>
        <dd>{[os, architecture, variant].filter(Boolean).join('/') || '—'}</dd>
      </div>
      <div>
        <dt>Agent pool</dt>
        <dd>{agentPoolName ?? 'default'}</dd>
      </div>
      {timeout !== undefined && (
        <div>
          <dt>Time limit</dt>
          <dd>{durationText(timeout * 1000)}</dd>
        </div>
      )}
      {creationDate !== undefined && (
        <div>
          <dt>Made</dt>
          <dd>
            <When iso={creationDate} />
          </dd>
        </div>
      )}
    </dl>
  );
}

function StepFacts({ step }: { step: TaskStep }) {
  const { type, contextPath, dockerFilePath, imageNames = [], taskFilePath, encodedTaskContent } = step;
  return (
    <>
      <div className="wide">
        <dt>Source</dt>
        <dd>{contextPath === undefined ? 'none' : <OutLink href={contextPath}>{contextPath}</OutLink>}</dd>
      </div>
      <div>
        <dt>Kind</dt>
        <dd>
          {{ Docker: 'Docker build', FileTask: 'Task file', EncodedTask: 'Task file in the task' }[type]}
        </dd>
      </div>
      {dockerFilePath !== undefined && (
        <div>
          <dt>Dockerfile</dt>
          <dd>{dockerFilePath}</dd>
        </div>
      )}
      {taskFilePath !== undefined && (
        <div>
          <dt>File</dt>
          <dd>{taskFilePath}</dd>
        </div>
      )}
      {imageNames.length > 0 && (
        <div>
          <dt>{step.isPushEnabled === false ? 'Builds' : 'Builds and pushes'}</dt>
          <dd>{imageNames.join(', ')}</dd>
        </div>
      )}
      {encodedTaskContent !== undefined && (
        <div className="wide">
          <dt>Steps</dt>
          <dd>
            <pre tabIndex={0} role="group" aria-label="Task file">
              {decodeBase64(encodedTaskContent)}
            </pre>
          </dd>
        </div>
      )}
    </>
  );
}

function BaseImages({ step }: { step: TaskStep | undefined }) {
  const { page } = useRegistry();
  const images = step?.baseImageDependencies ?? [];
  if (images.length === 0) return null;
  return (
    <section aria-label="Base images">
      <div className="heading">
        <h2>Base images</h2>
        <div className="actions">
          <Link href={page('/base-images')}>How they are watched</Link>
        </div>
      </div>
      <ul className="plain">
        {images.map((image, index) => (
          <li key={index}>
            <b>{imageName(image)}</b>{' '}
            <span className="muted">
              {image.type === 'RunTime' ? 'what the image runs on' : 'used while building'}
            </span>{' '}
            {image.digest !== undefined && (
              <Code
                text={image.digest}
                shown={shortDigest(image.digest)}
                what={`digest of ${imageName(image)}`}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function LastRuns({ name }: { name: string }) {
  const { api, place, page } = useRegistry();
  const { data, error } = useQuery(
    `runs of ${place.registry} ${name}`,
    (signal) =>
      api.listRuns({ $filter: `TaskName eq '${name.replaceAll("'", "''")}'`, $top: shownRuns }, signal),
    (found) => (found.value.some(({ properties }) => !isEnded(properties.status)) ? 1500 : 4000),
  );
  const query = `?task=${encodeURIComponent(name)}`;
  return (
    <section aria-label="Last runs">
      <div className="heading">
        <h2>Last runs</h2>
        <div className="actions">
          <Link href={`${page('/deliveries')}${query}`}>Deliveries</Link>
          <Link href={`${page('/runs')}${query}`}>All runs</Link>
        </div>
      </div>
      <ErrorNotice error={error} />
      {data?.value.length === 0 && <Empty title="It has not run yet." />}
      {data !== undefined && data.value.length > 0 && <RunTable runs={data.value} hasTask={false} />}
    </section>
  );
}
