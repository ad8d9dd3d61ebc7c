import { Link } from 'wouter';
import { isEnded, type Run } from '../api/types.ts';
import { useRegistry } from '../registry-context.tsx';
import { Badge } from './badge.tsx';
import { CauseText } from './cause.tsx';
import { Duration, When } from './time.tsx';

/** Runs with where they stand and why they are there. */
export function RunTable({ runs, hasTask = true }: { runs: readonly Run[]; hasTask?: boolean }) {
  const { page } = useRegistry();
  return (
    <table className={hasTask ? 'rows runs' : 'rows runs without-task'}>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Run</th>
          {hasTask && <th scope="col">Task</th>}
          <th scope="col">Started by</th>
          <th scope="col">Duration</th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        {runs.map(({ name, properties }) => {
          const { runId, status, task, startTime, finishTime, createTime } = properties;
          return (
            <tr key={name}>
              <td className="status">
                <Badge status={status} />
              </td>
              <td className="name">
                <Link href={page(`/runs/${encodeURIComponent(runId)}`)} className="stretched">
                  {runId}
                </Link>
              </td>
              {hasTask && (
                <td className="task">
                  {task === undefined ? (
                    <span className="muted">{properties.runType === 'QuickBuild' ? 'build' : 'run'}</span>
                  ) : (
                    <Link href={page(`/tasks/${encodeURIComponent(task)}`)}>{task}</Link>
                  )}
                </td>
              )}
              <td className="why">
                <CauseText cause={properties} />
              </td>
              <td className="duration">
                <Duration from={startTime} to={finishTime} isOver={isEnded(status)} />
              </td>
              <td className="when">
                <When iso={createTime} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
