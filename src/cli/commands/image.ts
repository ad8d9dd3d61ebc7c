import { Command } from 'commander';
import { openApi } from '../api/api.ts';
import { loadSettings } from '../api/settings.ts';

/** `slipway image webhook`: where other registries tell of pushes. */
export function imageCommand(): Command {
  const command = new Command('image').description('base images of other registries');
  command
    .command('webhook')
    .description('show where another registry is to tell that images were pushed')
    .option('--env-file <file>', 'client.env of the server')
    .action(async ({ envFile }: { readonly envFile?: string }) => {
      const api = openApi(await loadSettings(envFile));
      try {
        const lines = [
          await api.getImageWebhook(),
          'Enter this URL, which is a secret, among the webhooks of the registry, for pushes, as JSON.',
          `Or post {"image": "registry.example.org/base/node:22"} to it yourself.`,
        ];
        process.stdout.write(`${lines.join('\n')}\n`);
      } finally {
        api.close();
      }
    });
  return command;
}
