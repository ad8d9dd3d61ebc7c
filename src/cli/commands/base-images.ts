import { Command } from 'commander';
import { openApi, type Api, type ApiBaseImage } from '../api/api.ts';
import { loadSettings } from '../api/settings.ts';

interface Flags {
  readonly json?: boolean;
  readonly envFile?: string;
}

/** `slipway base-images [list | webhook]`: what tasks stand on, and where other registries tell of it. */
export function baseImagesCommand(): Command {
  const command = new Command('base-images').description('the images that tasks stand on');
  const add = (name: string, description: string, isDefault = false): Command =>
    command
      .command(name, { isDefault })
      .description(description)
      .option('--env-file <file>', 'client.env of the server');
  add('list', 'list them: when they were looked at, and what is wrong', true)
    .option('--json', 'as JSON')
    .action((flags: Flags) =>
      withApi(flags, async (api) => {
        const found = await api.listBaseImages();
        return flags.json ? `${JSON.stringify(found, undefined, 2)}\n` : found.map(line).join('');
      }),
    );
  add('webhook', 'show where another registry is to tell that images were pushed').action((flags: Flags) =>
    withApi(flags, async (api) => `${await api.getImageWebhook()}\n${advice}`),
  );
  return command;
}

const advice = `Enter this URL, which is a secret, among the webhooks of the registry: pushes, as JSON.
Or post {"image": "registry.example.org/base/node:22"} to it yourself.
`;

async function withApi(flags: Flags, textOf: (api: Api) => Promise<string>): Promise<void> {
  const api = openApi(await loadSettings(flags.envFile));
  try {
    process.stdout.write(await textOf(api));
  } finally {
    api.close();
  }
}

function line({ registry, repository, tag, tasks, checkedTime, nextCheckTime, error }: ApiBaseImage): string {
  const state =
    error === undefined ? `looked at ${checkedTime ?? 'never'}` : `${error}; again at ${nextCheckTime}`;
  return `${registry}/${repository}:${tag}  ${tasks.join(',')}  ${state}\n`;
}
