import { Command } from 'commander';
import type { ApiRun } from '../api/api.ts';
import { withApi } from '../api/with-api.ts';
import { followRun, imagesOf } from '../follow-run.ts';
import { parseWholeNumber } from '../options.ts';
import { inSession } from '../submit-run.ts';
import { secondsBetween, table } from '../table.ts';

/** `slipway logs RUN`: from the first byte, and on until the run ends. Its exit code is the run's. */
export function logsCommand(): Command {
  return new Command('logs')
    .description('show the log of a run, and follow it until the run ends')
    .argument('<run>', 'run id, such as ca1')
    .option('--env-file <file>', 'client.env of the server')
    .action((runId: string, { envFile }: { envFile?: string }) =>
      inSession(envFile, async ({ api, display }) => {
        const { status } = await followRun(api, runId, display);
        return status === 'Succeeded' ? 0 : 1;
      }),
    );
}

/** `slipway runs`: the newest runs as a table, or as JSON. */
export function runsCommand(): Command {
  return new Command('runs')
    .description('list runs, newest first')
    .option('--top <n>', 'how many', parseWholeNumber, 20)
    .option('--filter <expression>', "such as: Status eq 'Failed' and createTime ge 2026-01-31")
    .option('--json', 'as JSON')
    .option('--env-file <file>', 'client.env of the server')
    .action((flags: { top: number; filter?: string; json?: boolean; envFile?: string }) =>
      withApi(flags.envFile, async (api) => {
        const runs = await api.listRuns({
          top: flags.top,
          ...(flags.filter !== undefined && { filter: flags.filter }),
        });
        process.stdout.write(flags.json ? `${JSON.stringify(runs, undefined, 2)}\n` : tableOf(runs));
      }),
    );
}

/** `slipway cancel RUN`. */
export function cancelCommand(): Command {
  return new Command('cancel')
    .description('cancel a run')
    .argument('<run>', 'run id, such as ca1')
    .option('--env-file <file>', 'client.env of the server')
    .action((runId: string, { envFile }: { envFile?: string }) =>
      withApi(envFile, async (api) => {
        await api.cancelRun(runId);
        process.stdout.write(`Run ${runId} is being canceled\n`);
      }),
    );
}

function tableOf(runs: readonly ApiRun[]): string {
  const rows = runs.map((run) => [
    run.runId,
    run.status,
    run.createTime.slice(0, 19).replace('T', ' '),
    secondsBetween(run.startTime, run.finishTime),
    imagesOf(run)[0] ?? '',
  ]);
  return table(['RUN', 'STATUS', 'CREATED (UTC)', 'TOOK', 'IMAGE'], rows);
}
