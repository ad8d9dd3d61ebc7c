import { Command } from 'commander';
import { deliveryStatuses } from '../../model/index.ts';
import { openApi, type Api, type ApiDelivery } from '../api/api.ts';
import { loadSettings } from '../api/settings.ts';
import { parseWholeNumber } from '../options.ts';

interface Flags {
  readonly task?: string;
  readonly status?: string;
  readonly top: number;
  readonly json?: boolean;
  readonly envFile?: string;
}

/** `slipway deliveries`: the events that started runs, or did not, and why. */
export function deliveriesCommand(): Command {
  return new Command('deliveries')
    .description('list the events that triggers heard of: the run that each started, or why it did not')
    .option('--task <name>', 'of one task')
    .option('--status <status>', `of one status: ${deliveryStatuses.join(', ')}`)
    .option('--top <n>', 'how many', parseWholeNumber, 20)
    .option('--json', 'as JSON')
    .option('--env-file <file>', 'client.env of the server')
    .action((flags: Flags) =>
      withApi(flags.envFile, async (api) => {
        const found = await api.listDeliveries({
          top: flags.top,
          ...(flags.task !== undefined && { task: flags.task }),
          ...(flags.status !== undefined && { status: flags.status }),
        });
        process.stdout.write(flags.json ? `${JSON.stringify(found, undefined, 2)}\n` : table(found));
      }),
    );
}

/** `slipway redeliver ID`. */
export function redeliverCommand(): Command {
  return new Command('redeliver')
    .description('have an event decided once more')
    .argument('<delivery>', 'id of the delivery, such as 12')
    .option('--env-file <file>', 'client.env of the server')
    .action((id: string, { envFile }: { envFile?: string }) =>
      withApi(envFile, async (api) => {
        const again = await api.redeliver(id);
        process.stdout.write(`Delivery ${id} is sent again as delivery ${again.name}\n`);
      }),
    );
}

async function withApi<T>(envFile: string | undefined, work: (api: Api) => Promise<T>): Promise<T> {
  const api = openApi(await loadSettings(envFile));
  try {
    return await work(api);
  } finally {
    api.close();
  }
}

/** What happened: `timer nightly 2026-01-31 04:00`, `commit 1a2b3c4 main`, `image base:v1`. */
function whatOf({ timerTrigger, sourceTrigger, imageUpdateTrigger }: ApiDelivery['properties']): string {
  if (timerTrigger) {
    const due = timerTrigger.scheduleOccurrence.slice(0, 16).replace('T', ' ');
    return `timer ${timerTrigger.timerTriggerName} ${due}`;
  }
  if (sourceTrigger) {
    const { eventType, commitId, branchName, pullRequestId } = sourceTrigger;
    const where = pullRequestId === undefined ? (branchName ?? '') : `#${pullRequestId}`;
    return `${eventType} ${commitId.slice(0, 7)} ${where}`.trimEnd();
  }
  const images = imageUpdateTrigger?.images ?? [];
  return `image ${images.map(({ repository = '', tag = '' }) => `${repository}:${tag}`).join(', ')}`;
}

function table(deliveries: readonly ApiDelivery[]): string {
  const rows = deliveries.map(({ name, properties }) => [
    name,
    properties.task,
    whatOf(properties),
    properties.status,
    properties.runId ?? '',
    properties.reason ?? '',
  ]);
  const all = [['ID', 'TASK', 'WHAT', 'STATUS', 'RUN', 'REASON'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return all.map((row) => `${lineOf(row)}\n`).join('');
}
