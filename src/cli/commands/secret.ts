import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { ServiceError } from '../../model/index.ts';
import type { Api } from '../api/api.ts';
import { withApi } from '../api/with-api.ts';

interface Flags {
  readonly vault?: string;
  readonly file?: string;
  readonly json?: boolean;
  readonly envFile?: string;
}

/** `slipway secret set | list | delete`: the vaults of a registry, which its runs read. */
export function secretCommand(): Command {
  const command = new Command('secret').description('keep secrets for runs: passwords, tokens, keys');
  const add = (usage: string, description: string): Command =>
    command
      .command(usage)
      .description(description)
      .option('--vault <name>', 'vault of the registry (default: named as the registry)')
      .option('--env-file <file>', 'client.env of the server');
  // No option takes the value itself: command lines are for everybody to read.
  add('set <name>', 'set a secret to what the standard input, or a file, holds')
    .option('--file <file>', 'the value, as it is; of the standard input one last line end is left out')
    .action((name: string, flags: Flags) =>
      withVault(flags, async (api, vault) => {
        const { id } = await api.setSecret(vault, name, await readValue(flags.file));
        process.stdout.write(`${id.replace(/\/[^/]*$/, '')}\n`);
      }),
    );
  add('list', 'list the secrets of a vault, never their values')
    .option('--json', 'as JSON')
    .action((flags: Flags) =>
      withVault(flags, async (api, vault) => {
        const secrets = await api.listSecrets(vault);
        if (flags.json) process.stdout.write(`${JSON.stringify(secrets, undefined, 2)}\n`);
        for (const { id, attributes } of flags.json ? [] : secrets) {
          const set = new Date(attributes.created * 1000).toISOString().slice(0, 19).replace('T', ' ');
          process.stdout.write(`${set}  ${id}\n`);
        }
      }),
    );
  add('delete <name>', 'delete a secret with all its versions').action((name: string, flags: Flags) =>
    withVault(flags, async (api, vault) => {
      const wasThere = await api.deleteSecret(vault, name);
      if (!wasThere)
        throw new ServiceError(404, 'SecretNotFound', `there is no secret ${name} in vault ${vault}`);
    }),
  );
  return command;
}

function withVault(
  { envFile, vault }: Flags,
  work: (api: Api, vault: string) => Promise<void>,
): Promise<void> {
  return withApi(envFile, (api, { registry }) => work(api, vault ?? registry));
}

async function readValue(file: string | undefined): Promise<string> {
  if (file !== undefined) {
    return readFile(file, 'utf8').catch((error: Error) => {
      throw new ServiceError(400, 'InvalidOption', `cannot read ${file}: ${error.message}`);
    });
  }
  if (process.stdin.isTTY) process.stderr.write('The value, then Enter and Ctrl-D:\n');
  return (await text(process.stdin)).replace(/\r?\n$/, '');
}
