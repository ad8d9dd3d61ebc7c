import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { ServiceError } from '../../model/index.ts';
import { openApi, type Api } from '../api/api.ts';
import { loadSettings } from '../api/settings.ts';

interface Flags {
  readonly type?: readonly string[];
  readonly format?: string;
  readonly secretFile?: string;
  readonly json?: boolean;
  readonly envFile?: string;
}

/** `slipway events list | add | remove`: who hears of the runs of a registry. */
export function eventsCommand(): Command {
  const command = new Command('events').description('tell others of runs: webhooks and CloudEvents');
  const add = (usage: string, description: string): Command =>
    command.command(usage).description(description).option('--env-file <file>', 'client.env of the server');
  add('list', 'list the subscriptions')
    .option('--json', 'as JSON')
    .action((flags: Flags) =>
      withApi(flags, async (api) => {
        const found = await api.listEventSubscriptions();
        if (flags.json) process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
        for (const { name, properties } of flags.json ? [] : found) {
          const { endpoint, eventTypes, format, status } = properties;
          process.stdout.write(`${name}  ${status}  ${format}  ${eventTypes.join(',')}  ${endpoint}\n`);
        }
      }),
    );
  // No option takes the secret itself: command lines are for everybody to read.
  add('add <name> <url>', 'subscribe; the secret that signs what is sent comes from the standard input')
    .option('--secret-file <file>', 'the secret, from a file')
    .option('--type <type...>', 'RunQueued, RunStarted, RunFinished (default: all)')
    .option('--format <format>', 'Webhook or CloudEvents', 'Webhook')
    .action((name: string, endpoint: string, flags: Flags) =>
      withApi(flags, async (api) => {
        const secret = await readSecret(flags.secretFile);
        const { type: eventTypes, format } = flags;
        await api.putEventSubscription(name, { endpoint, secret, format, ...(eventTypes && { eventTypes }) });
        process.stdout.write(`${name} hears of runs at ${endpoint}\n`);
      }),
    );
  add('remove <name>', 'remove a subscription, with what it still waits for').action(
    (name: string, flags: Flags) =>
      withApi(flags, async (api) => {
        if (!(await api.deleteEventSubscription(name)))
          throw new ServiceError(404, 'EventSubscriptionNotFound', `there is no event subscription ${name}`);
      }),
  );
  return command;
}

async function withApi(flags: Flags, work: (api: Api) => Promise<void>): Promise<void> {
  const api = openApi(await loadSettings(flags.envFile));
  try {
    await work(api);
  } finally {
    api.close();
  }
}

async function readSecret(file: string | undefined): Promise<string> {
  if (file === undefined && process.stdin.isTTY) process.stderr.write('The secret, then Enter and Ctrl-D:\n');
  const read = file === undefined ? text(process.stdin) : readFile(file, 'utf8');
  return (await read).replace(/\r?\n$/, '');
}
