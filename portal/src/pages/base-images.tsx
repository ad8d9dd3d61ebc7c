import { Link } from 'wouter';
import type { BaseImage, Dependent, Task } from '../api/types.ts';
import { useQuery } from '../api/use-query.ts';
import { Badge, type Tone } from '../parts/badge.tsx';
import { shortDigest } from '../parts/cause.tsx';
import { Code } from '../parts/copy.tsx';
import { ImageWebhookCard } from '../parts/image-webhook-card.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Reveal } from '../parts/reveal.tsx';
import { When } from '../parts/time.tsx';
import { useTitle } from '../parts/title.ts';
import { watchingOf, whyUntouched, type Watching } from '../parts/watching.ts';
import { useRegistry } from '../registry-context.tsx';

const refreshMs = 4000;
/** Tasks change seldom, and may be many. */
const tasksRefreshMs = 20_000;

/** The images that tasks stand on: how each is watched, and what is wrong; and where other registries tell of them. */
export function BaseImagesPage() {
  const { api, place, page } = useRegistry();
  useTitle('Base images', place.registry);
  const { data, error } = useQuery(
    `base images ${place.registry}`,
    (signal) => api.listBaseImages(signal),
    () => refreshMs,
  );
  const names = new Set(data?.flatMap(({ dependents }) => dependents.map(({ task }) => task)));
  const tasks = useQuery(
    `tasks ${place.registry} ${[...names].join()}`,
    async (signal) => {
      if (names.size === 0) return undefined;
      const all = await api.listTasks(signal);
      return new Map(all.filter(({ name }) => names.has(name)).map((task) => [task.name, task]));
    },
    () => tasksRefreshMs,
  );
  return (
    <>
      <h1>Base images</h1>
      <p className="muted">
        What tasks stand on, as their last successful runs found it. The runs that updates started are among
        the <Link href={page('/deliveries')}>deliveries</Link>.
      </p>
      <ErrorNotice error={error ?? tasks.error} />
      {!data && !error && <Loading />}
      {data?.length === 0 && (
        <Empty title="No task is known to stand on an image: a task’s first successful run tells. One that also runs when its images are updated:">
          <code>
            az acr task create -r {place.registry} -n build-app -t app:{'{{.Run.ID}}'} -f Dockerfile --context
            https://git.example.org/team/app.git --base-image-trigger-type All
          </code>
        </Empty>
      )}
      {data !== undefined && data.length > 0 && (
        <table className="rows base-images">
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Image</th>
              <th scope="col">Tasks</th>
              <th scope="col">How it is watched</th>
              <th scope="col">Looked at</th>
            </tr>
          </thead>
          <tbody>
            {data.map((image) => (
              <ImageRow key={nameOf(image)} image={image} tasks={tasks.data} />
            ))}
          </tbody>
        </table>
      )}
      <section aria-label="Other registries">
        <h2>Other registries</h2>
        <p className="muted">
          Registries that run here tell of pushes by themselves. Others are asked at intervals, and at once
          when they post to a webhook.
        </p>
        <Reveal
          what="webhook URL"
          hint="to enter at the registries that your images come from"
          load={() => api.getImageWebhook()}
        >
          {(url) => <ImageWebhookCard url={url} />}
        </Reveal>
      </section>
    </>
  );
}

const tones: Readonly<Record<Watching['state'], Tone>> = {
  Watched: 'good',
  Failing: 'bad',
  Waiting: 'waiting',
  'Not watched': 'neutral',
};

interface ImageRowProps {
  readonly image: BaseImage;
  /** By name; undefined until they are known. */
  readonly tasks: ReadonlyMap<string, Task> | undefined;
}

function ImageRow({ image, tasks }: ImageRowProps) {
  const { registry, repository, tag, dependents, error, checkedTime, nextCheckTime } = image;
  const { state, how } = watchingOf(
    image,
    dependents.map(({ task }) => tasks?.get(task)),
  );
  const digests = new Set(dependents.map(({ digest }) => digest));
  const [digest] = digests;
  const isAskedFor = state === 'Failing' || (state !== 'Not watched' && !image.isHosted);
  const isOneDigest = digests.size === 1;
  return (
    <tr>
      <td className="status">
        <Badge status={state} tone={tones[state]} />
      </td>
      <td className="name">
        {repository}:{tag}
        <span className="detail">{registry}</span>
        {isOneDigest && <Digest digest={digest} of={nameOf(image)} />}
      </td>
      <td className="task">
        <ul className="dependents">
          {dependents.map((dependent) => (
            <li key={dependent.task}>
              <DependentTask dependent={dependent} task={tasks?.get(dependent.task)} />
              {!isOneDigest && (
                <Digest digest={dependent.digest} of={`${nameOf(image)} of ${dependent.task}`} />
              )}
            </li>
          ))}
        </ul>
      </td>
      <td className="why">
        {how}
        {state === 'Failing' && <span className="trouble">It could not be looked at: {error}</span>}
      </td>
      <td className="when">
        {checkedTime === undefined ? 'not yet' : <When iso={checkedTime} />}
        {isAskedFor && nextCheckTime !== undefined && (
          <span className="detail">again {isPast(nextCheckTime) ? 'now' : <When iso={nextCheckTime} />}</span>
        )}
      </td>
    </tr>
  );
}

function DependentTask({ dependent, task }: { dependent: Dependent; task: Task | undefined }) {
  const { page } = useRegistry();
  const untouched = task && whyUntouched(task, dependent);
  return (
    <>
      <Link href={page(`/tasks/${encodeURIComponent(dependent.task)}`)}>{dependent.task}</Link>{' '}
      <span className="muted">{dependent.type === 'RunTime' ? 'runs on it' : 'builds with it'}</span>
      {untouched !== undefined && <span className="detail">Updates start nothing: {untouched}.</span>}
    </>
  );
}

/** What tasks were built from. */
function Digest({ digest, of }: { digest: string | undefined; of: string }) {
  return (
    <span className="detail">
      {digest === undefined ? (
        'digest not known yet'
      ) : (
        <Code text={digest} shown={shortDigest(digest)} what={`digest of ${of}`} />
      )}
    </span>
  );
}

function nameOf({ registry, repository, tag }: BaseImage): string {
  return `${registry}/${repository}:${tag}`;
}

function isPast(iso: string): boolean {
  return new Date(iso).getTime() <= Date.now();
}
