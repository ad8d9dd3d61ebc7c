import { Command } from 'commander';
import { openApi, type ApiBaseImage } from '../api/api.ts';
import { loadSettings } from '../api/settings.ts';

/** `slipway base-images`: what the tasks of a registry stand on, and whether it could be looked at. */
export function baseImagesCommand(): Command {
  return new Command('base-images')
    .description('list the images that tasks stand on: when they were looked at, and what is wrong')
    .option('--json', 'as JSON')
    .option('--env-file <file>', 'client.env of the server')
    .action(async ({ json, envFile }: { json?: boolean; envFile?: string }) => {
      const api = openApi(await loadSettings(envFile));
      try {
        const found = await api.listBaseImages();
        process.stdout.write(json ? `${JSON.stringify(found, undefined, 2)}\n` : found.map(line).join(''));
      } finally {
        api.close();
      }
    });
}

function line({ registry, repository, tag, tasks, checkedAt, nextCheckAt, error }: ApiBaseImage): string {
  const state =
    error === undefined ? `looked at ${checkedAt ?? 'never'}` : `${error}; again at ${nextCheckAt}`;
  return `${registry}/${repository}:${tag}  ${tasks.join(',')}  ${state}\n`;
}
