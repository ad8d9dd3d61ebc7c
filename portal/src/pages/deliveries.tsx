import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { Delivery } from '../api/types.ts';
import { usePages } from '../api/use-pages.ts';
import { Badge } from '../parts/badge.tsx';
import { CauseText } from '../parts/cause.tsx';
import { OutLink, providerName, repositoryName } from '../parts/links.tsx';
import { Empty, ErrorNotice, Loading, Notice } from '../parts/notice.tsx';
import { When } from '../parts/time.tsx';
import { useTitle } from '../parts/title.ts';
import { useAction } from '../parts/use-action.ts';
import { useRegistry } from '../registry-context.tsx';

/** What triggers heard of, and what came of it. */
export function DeliveriesPage() {
  const { api, place, page } = useRegistry();
  useTitle('Deliveries', place.registry);
  const [search] = useSearchParams();
  const taskName = search.get('task') ?? undefined;
  const { items, isLoaded, error, reload, loadMore } = usePages<Delivery>(
    `deliveries ${place.registry} ${taskName}`,
    (signal) => api.listDeliveries({ taskName }, signal),
    (found) => (found.some(({ properties }) => properties.status === 'Pending') ? 1500 : 4000),
  );
  const { isBusy, error: actionError, act } = useAction();
  const [said, setSaid] = useState<string>();
  const redeliver = (id: string): void =>
    act(async () => {
      const again = await api.redeliver(id);
      setSaid(`Delivery ${id} is sent again as delivery ${again.name}.`);
      reload();
    });
  return (
    <>
      <div className="heading">
        <h1>Deliveries{taskName !== undefined && <> of {taskName}</>}</h1>
        {taskName !== undefined && (
          <div className="actions">
            <Link href={page('/deliveries')}>Of all tasks</Link>
          </div>
        )}
      </div>
      <p className="muted">
        Every timer, commit, pull request and updated base image, once: the run it started, or why none.
      </p>
      <ErrorNotice error={actionError ?? error} />
      {said !== undefined && <Notice kind="success">{said}</Notice>}
      {!isLoaded && !error && <Loading />}
      {isLoaded && items.length === 0 && (
        <Empty title="Nothing has come yet. Give a task something that starts it, such as a timer:">
          <code>
            az acr task timer add -r {place.registry} -n {taskName ?? 'TASK'} --timer-name nightly --schedule
            &quot;0 4 * * *&quot;
          </code>
        </Empty>
      )}
      {items.length > 0 && (
        <table className="rows deliveries">
          <thead>
            <tr>
              <th scope="col">Status</th>
              <th scope="col">Delivery</th>
              <th scope="col">What came</th>
              <th scope="col">Task</th>
              <th scope="col">What came of it</th>
              <th scope="col">When</th>
              <th scope="col">
                <span className="hidden">Redeliver</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((delivery) => (
              <DeliveryRow key={delivery.name} delivery={delivery} isBusy={isBusy} redeliver={redeliver} />
            ))}
          </tbody>
        </table>
      )}
      {loadMore && (
        <button type="button" className="more" onClick={() => void loadMore()}>
          Earlier deliveries
        </button>
      )}
    </>
  );
}

interface DeliveryRowProps {
  readonly delivery: Delivery;
  readonly isBusy: boolean;
  readonly redeliver: (id: string) => void;
}

function DeliveryRow({ delivery: { name, properties }, isBusy, redeliver }: DeliveryRowProps) {
  const { page } = useRegistry();
  const { status, task, reason, runId, tries, sourceTrigger, redeliveryOf } = properties;
  return (
    <tr>
      <td className="status">
        <Badge
          status={status}
          tone={
            status === 'Started'
              ? 'good'
              : status === 'Failed'
                ? 'bad'
                : status === 'Pending'
                  ? 'waiting'
                  : 'neutral'
          }
        />
      </td>
      <td className="name">
        {name}
        {redeliveryOf !== undefined && <span className="detail">{redeliveryOf} again</span>}
      </td>
      <td className="why">
        <CauseText cause={properties} />
        {sourceTrigger?.repositoryUrl !== undefined && (
          <span className="detail">
            from {providerName(sourceTrigger.providerType)},{' '}
            <OutLink href={sourceTrigger.repositoryUrl}>
              {repositoryName(sourceTrigger.repositoryUrl)}
            </OutLink>
          </span>
        )}
      </td>
      <td className="task">
        <Link href={page(`/tasks/${encodeURIComponent(task)}`)}>{task}</Link>
      </td>
      <td className="outcome">
        {runId !== undefined && (
          <>
            run <Link href={page(`/runs/${encodeURIComponent(runId)}`)}>{runId}</Link>{' '}
          </>
        )}
        {reason}
        {tries > 1 && <span className="detail">{tries} tries</span>}
        {properties.nextTryTime !== undefined && tries > 0 && (
          <span className="detail">
            next try <When iso={properties.nextTryTime} />
          </span>
        )}
      </td>
      <td className="when">
        <When iso={properties.receivedTime} />
      </td>
      <td className="action">
        <button
          type="button"
          aria-disabled={isBusy}
          onClick={() => redeliver(name)}
          aria-label={`Redeliver ${name}`}
        >
          Redeliver
        </button>
      </td>
    </tr>
  );
}
