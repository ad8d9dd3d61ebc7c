import { useSearchParams } from 'wouter';
import { isEnded, runStatuses, type Run } from '../api/types.ts';
import { usePages } from '../api/use-pages.ts';
import { useQuery } from '../api/use-query.ts';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { RunTable } from '../parts/run-table.tsx';
import { useTitle } from '../parts/title.ts';
import { useRegistry } from '../registry-context.tsx';

const underWay = "Status eq 'Queued' or Status eq 'Started' or Status eq 'Running'";

/** The runs of a registry, newest first; the filter is in the address. */
export function RunsPage() {
  const { api, place } = useRegistry();
  useTitle('Runs', place.registry);
  const [search, setSearch] = useSearchParams();
  const status = search.get('status') ?? '';
  const task = search.get('task') ?? '';
  const $filter = filterOf(status, task);
  const { items, isLoaded, error, loadMore } = usePages<Run>(
    `${place.registry} ${$filter}`,
    (signal) => api.listRuns({ $filter }, signal),
    (runs) => (runs.some(({ properties }) => !isEnded(properties.status)) ? 1500 : 4000),
  );
  const tasks = useQuery(`tasks ${place.registry}`, (signal) => api.listTasks(signal));
  const choose = (name: string, value: string): void =>
    setSearch(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const names = new Set([...(tasks.data?.map(({ name }) => name) ?? []), ...(task === '' ? [] : [task])]);
  return (
    <>
      <div className="heading">
        <h1>Runs</h1>
        <div className="filters">
          <label>
            Status
            <select value={status} onChange={(event) => choose('status', event.target.value)}>
              <option value="">all</option>
              <option value="live">under way</option>
              {runStatuses.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
          <label>
            Task
            <select value={task} onChange={(event) => choose('task', event.target.value)}>
              <option value="">all</option>
              {[...names].map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        </div>
      </div>
      <ErrorNotice error={error} />
      {!isLoaded && !error && <Loading />}
      {isLoaded && items.length === 0 && (
        <NoRuns isFiltered={$filter !== undefined} registry={place.registry} />
      )}
      {items.length > 0 && <RunTable runs={items} />}
      {loadMore && (
        <button type="button" className="more" onClick={() => void loadMore()}>
          Earlier runs
        </button>
      )}
    </>
  );
}

function filterOf(status: string, task: string): string | undefined {
  const parts = [
    ...(status === '' ? [] : [status === 'live' ? `(${underWay})` : `Status eq '${quoted(status)}'`]),
    ...(task === '' ? [] : [`TaskName eq '${quoted(task)}'`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' and ');
}

function quoted(text: string): string {
  return text.replaceAll("'", "''");
}

function NoRuns({ isFiltered, registry }: { isFiltered: boolean; registry: string }) {
  if (isFiltered) return <Empty title="No run is like that." />;
  return (
    <Empty title="There are no runs yet. Build the directory that you are in:">
      <code>./slipway build -t app:v1 .</code>
      <code>az acr build -r {registry} -t app:v1 .</code>
    </Empty>
  );
}
