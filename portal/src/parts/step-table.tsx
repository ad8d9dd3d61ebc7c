import type { RunStep } from '../api/types.ts';
import { Badge } from './badge.tsx';
import { Duration } from './time.tsx';

type Step = RunStep['properties'];

/** The steps of a run, in the order of its task file. */
export function StepTable({ steps }: { steps: readonly Step[] }) {
  return (
    <section aria-label="Steps">
      <h2>Steps</h2>
      <table className="rows steps">
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Step</th>
            <th scope="col">Kind</th>
            <th scope="col">Remarks</th>
            <th scope="col">Duration</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step.stepId}>
              <td className="status">
                <Badge status={step.status} />
              </td>
              <td className="name">{step.stepId}</td>
              <td className="task">{step.kind}</td>
              <td className="why">{remarks(step)}</td>
              <td className="duration">
                <Duration
                  from={step.startTime}
                  to={step.finishTime}
                  isOver={step.status !== 'Running' && step.status !== 'Pending'}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function remarks({ status, exitCode, errorMessage, attempts, dependsOn, isErrorIgnored }: Step): string {
  return [
    status === 'Pending' && dependsOn.length > 0 && `waits for ${dependsOn.join(', ')}`,
    errorMessage ?? (exitCode !== undefined && exitCode !== 0 && `exit code ${exitCode}`),
    isErrorIgnored && 'its error is ignored',
    attempts > 1 && `${attempts} tries`,
  ]
    .filter((part) => typeof part === 'string')
    .join('; ');
}
