// Pure, and how the server reckons it.
import { nextOccurrence } from '../../../src/spec/occurrences.ts';
import type { SourceTrigger, Task, TimerTrigger } from '../api/types.ts';
import { useRegistry } from '../registry-context.tsx';
import { Badge } from './badge.tsx';
import { declaredProvider, OutLink, providerName, repositoryName } from './links.tsx';
import { Empty } from './notice.tsx';
import { Reveal } from './reveal.tsx';
import { exactTime, relativeTime } from './time.tsx';
import { WebhookCard } from './webhook-card.tsx';

/** What starts a task by itself. */
export function Triggers({ task }: { task: Task }) {
  const { timerTriggers = [], sourceTriggers = [], baseImageTrigger } = task.properties.trigger ?? {};
  const { place } = useRegistry();
  if (timerTriggers.length + sourceTriggers.length === 0 && !baseImageTrigger) {
    return (
      <section aria-label="Triggers">
        <h2>What starts it</h2>
        <Empty title="Only people, so far. Every night at four, for example:">
          <code>
            az acr task timer add -r {place.registry} -n {task.name} --timer-name nightly --schedule &quot;0 4
            * * *&quot;
          </code>
        </Empty>
      </section>
    );
  }
  return (
    <section aria-label="Triggers">
      <h2>What starts it</h2>
      <ul className="cards triggers">
        {timerTriggers.map((timer) => (
          <li key={`timer ${timer.name}`}>
            <TimerFacts timer={timer} isTaskEnabled={task.properties.status === 'Enabled'} />
          </li>
        ))}
        {sourceTriggers.map((source) => (
          <li key={`source ${source.name}`}>
            <SourceFacts source={source} />
          </li>
        ))}
        {baseImageTrigger && (
          <li>
            <h3>
              Base images <Badge status={baseImageTrigger.status} />
            </h3>
            <p>
              {baseImageTrigger.baseImageTriggerType === 'All'
                ? 'When any image that it builds from is updated.'
                : 'When the image that its image runs on is updated.'}
            </p>
          </li>
        )}
      </ul>
      {sourceTriggers.length > 0 && <Webhooks taskName={task.name} />}
    </section>
  );
}

function TimerFacts({ timer, isTaskEnabled }: { timer: TimerTrigger; isTaskEnabled: boolean }) {
  const now = new Date();
  const next = nextOccurrence(timer.schedule, now);
  const isOn = timer.status === 'Enabled' && isTaskEnabled;
  return (
    <>
      <h3>
        Timer {timer.name} <Badge status={timer.status} />
      </h3>
      <p>
        <code>{timer.schedule}</code> <span className="muted">(UTC)</span>
      </p>
      {isOn && next && (
        <p>
          Next {relativeTime((next.getTime() - now.getTime()) / 1000)}
          <span className="muted">, {exactTime(next.toISOString())} here</span>
        </p>
      )}
    </>
  );
}

function SourceFacts({ source }: { source: SourceTrigger }) {
  const { sourceRepository, sourceTriggerEvents, status } = source;
  const { repositoryUrl, branch, sourceControlType } = sourceRepository;
  const provider = declaredProvider(sourceControlType, repositoryUrl);
  const events = sourceTriggerEvents.map((event) => (event === 'commit' ? 'commits' : 'pull requests'));
  return (
    <>
      <h3>
        Source {source.name} <Badge status={status} />
      </h3>
      <p>
        {events.join(' and ')}{' '}
        {branch === undefined ? (
          ''
        ) : (
          <>
            on <b>{branch}</b>{' '}
          </>
        )}
        of <OutLink href={repositoryUrl}>{repositoryName(repositoryUrl)}</OutLink>
        {provider !== undefined && <span className="muted"> ({providerName(provider)})</span>}
      </p>
    </>
  );
}

/** Webhooks with their secrets. */
function Webhooks({ taskName }: { taskName: string }) {
  const { api } = useRegistry();
  return (
    <Reveal
      what="webhook URL and secret"
      hint="to enter at the provider, where Slipway could not do so itself"
      load={() => api.listWebhooks(taskName)}
    >
      {(webhooks) => webhooks.map((webhook) => <WebhookCard key={webhook.triggerName} webhook={webhook} />)}
    </Reveal>
  );
}
