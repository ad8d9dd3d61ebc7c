import { Command } from 'commander';
import { openApi } from '../api/api.ts';
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
          const { triggerName, repositoryUrl, url, secret, registration, registrationError } = webhook;
          const lines = [
            `trigger       ${triggerName}`,
            `repository    ${repositoryUrl} (${webhook.providerType})`,
            `payload URL   ${url}`,
            `secret        ${secret}`,
            `content type  application/json`,
            `registration  ${registration}${registrationError ? `: ${registrationError}` : ''}`,
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
