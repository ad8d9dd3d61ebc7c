import { Command } from 'commander';
import type { ApiRun, ApiStep } from '../api/api.ts';
import { secondsBetween, table } from '../table.ts';
import { inSession } from '../submit-run.ts';

/** `slipway steps RUN`: where the time of a run went. */
export function stepsCommand(): Command {
  return new Command('steps')
    .description('show the steps of a run: when each began, how long it took, how it ended')
    .argument('<run>', 'run id, such as ca1')
    .option('--json', 'as JSON')
    .option('--env-file <file>', 'client.env of the server')
    .action((runId: string, flags: { json?: boolean; envFile?: string }) =>
      inSession(flags.envFile, async ({ api, display }) => {
        const [run, steps] = await Promise.all([api.getRun(runId), api.listSteps(runId)]);
        if (flags.json) process.stdout.write(`${JSON.stringify(steps, undefined, 2)}\n`);
        else if (steps.length > 0) process.stdout.write(tableOf(run, steps));
        else display.line(`Run ${runId} (${run.status}) has no steps yet`);
        return 0;
      }),
    );
}

function tableOf(run: ApiRun, steps: readonly ApiStep[]): string {
  const header = ['STEP', 'KIND', 'STATUS', 'STARTED AT', 'TOOK', 'TRIES', 'EXIT CODE', 'ERROR'];
  const rows = steps.map((step) => [
    step.stepId,
    step.kind,
    step.isErrorIgnored ? `${step.status} (error ignored)` : step.status,
    step.startTime === undefined ? '' : `+${secondsBetween(run.startTime, step.startTime)}`,
    secondsBetween(step.startTime, step.finishTime),
    step.attempts === 0 ? '' : `${step.attempts}`,
    step.exitCode === undefined ? '' : `${step.exitCode}`,
    step.errorMessage?.split('\n', 1)[0] ?? '',
  ]);
  return table(header, rows);
}
