import { Link } from 'wouter';
import type { TaskProperties } from '../api/types.ts';
import { useQuery } from '../api/use-query.ts';
import { Badge } from '../parts/badge.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { useRegistry } from '../registry-context.tsx';

/** The tasks of a registry, and what starts each. */
export function TasksPage() {
  const { api, place, page } = useRegistry();
  useTitle('Tasks', place.registry);
  const { data, error } = useQuery(`tasks ${place.registry}`, (signal) => api.listTasks(signal));
  return (
    <>
      <h1>Tasks</h1>
      <ErrorNotice error={error} />
      {!data && !error && <Loading />}
      {data?.length === 0 && (
        <Empty title="There are no tasks yet. One that builds a repository at each commit:">
          <code>
            az acr task create -r {place.registry} -n build-app -t app:{'{{.Run.ID}}'} -f Dockerfile --context
            https://git.example.org/team/app.git --git-access-token &quot;$TOKEN&quot;
          </code>
        </Empty>
      )}
      {data !== undefined && data.length > 0 && (
        <table className="rows tasks">
          <thead>
            <tr>
              <th scope="col">Status</th>
              <th scope="col">Task</th>
              <th scope="col">Does</th>
              <th scope="col">Starts itself</th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ name, properties }) => (
              <tr key={name}>
                <td className="status">
                  <Badge status={properties.status} />
                </td>
                <td className="name">
                  <Link href={page(`/tasks/${encodeURIComponent(name)}`)} className="stretched">
                    {name}
                  </Link>
                </td>
                <td className="task">{workOf(properties)}</td>
                <td className="why">{triggersOf(properties)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function workOf({ step, isSystemTask }: TaskProperties): string {
  if (isSystemTask) return 'a system task';
  if (step?.type === 'Docker') return `builds ${step.imageNames?.join(', ') ?? 'an image'}`;
  return step?.type === 'FileTask' ? `runs ${step.taskFilePath}` : 'runs a task file of its own';
}

function triggersOf({ trigger = {} }: TaskProperties): string {
  const { timerTriggers = [], sourceTriggers = [], baseImageTrigger } = trigger;
  const isOn = ({ status }: { status: string }): boolean => status === 'Enabled';
  const events = new Set(sourceTriggers.filter(isOn).flatMap((each) => each.sourceTriggerEvents));
  return (
    [
      ...timerTriggers.filter(isOn).map(({ schedule }) => `at ${schedule}`),
      ...(events.has('commit') ? ['on commits'] : []),
      ...(events.has('pullrequest') ? ['on pull requests'] : []),
      ...(baseImageTrigger && isOn(baseImageTrigger) ? ['on base images'] : []),
    ].join(', ') || '—'
  );
}
