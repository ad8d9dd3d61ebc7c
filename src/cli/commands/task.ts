import { Command } from 'commander';
import { openApi, type ApiWebhook } from '../api/api.ts';
import { loadSettings } from '../api/settings.ts';

interface Flags {
  readonly json?: boolean;
  readonly envFile?: string;
}

/** `slipway task webhook TASK`: what a task needs at the provider of its source. */
export function taskCommand(): Command {
  const command = new Command('task').description('what az does not know of tasks');
  command
    .command('webhook <task>')
    .description('show where commits and pull requests are to be sent, with the secret')
    .option('--json', 'as JSON')
    .option('--env-file <file>', 'client.env of the server')
    .action(async (task: string, flags: Flags) => {
      const api = openApi(await loadSettings(flags.envFile));
      try {
        const webhooks = await api.listWebhooks(task);
        if (flags.json) process.stdout.write(`${JSON.stringify(webhooks, undefined, 2)}\n`);
        else if (webhooks.length === 0) process.stdout.write(`the task ${task} has no source triggers\n`);
        for (const webhook of flags.json ? [] : webhooks) {
          const { triggerName, repositoryUrl, url, secret, registration } = webhook;
          const lines = [
            `trigger       ${triggerName}`,
            `repository    ${repositoryUrl} (${webhook.providerType})`,
            `payload URL   ${url}`,
            `secret        ${secret}`,
            `content type  application/json`,
            `registration  ${registrationOf(webhook)}`,
          ];
          if (registration === 'Manual') lines.push('Enter these in the webhook settings of the repository.');
          process.stdout.write(`${lines.join('\n')}\n\n`);
        }
      } finally {
        api.close();
      }
    });
  return command;
}

/** `Registered (seen there 2026-01-31 04:00; it was gone and was registered again 2026-01-30 22:00)`. */
function registrationOf({ registration, registrationError, checkedTime, restoredTime }: ApiWebhook): string {
  const facts = [
    ...(checkedTime === undefined ? [] : [`seen there ${minuteOf(checkedTime)}`]),
    ...(restoredTime === undefined ? [] : [`it was gone and was registered again ${minuteOf(restoredTime)}`]),
  ];
  const known = facts.length === 0 ? registration : `${registration} (${facts.join('; ')})`;
  return registrationError === undefined ? known : `${known}: ${registrationError}`;
}

function minuteOf(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}
