import { Command } from 'commander';
import { renderTaskFile, taskFileSecrets } from '../../taskfile/index.ts';
import { parseArgument } from '../options.ts';
import { loadTaskFile, withTaskFile, type TaskFileFlags } from '../task-file.ts';

/** `slipway render`: what a task file is once its aliases and templates are replaced. No server is asked. */
export function renderCommand(): Command {
  return withTaskFile(new Command('render'))
    .description('print a task file as it is run: aliases and templates replaced, secrets not')
    .action(async (directory: string, flags: TaskFileFlags) => {
      const input = await loadTaskFile(directory, flags);
      const secrets = Object.fromEntries(taskFileSecrets(input).map(({ id }) => [id, `<secret ${id}>`]));
      const { text } = renderTaskFile({ ...input, secrets });
      const hidden = flags.setSecret
        .map((given) => parseArgument(given).value)
        .filter((value) => value !== '');
      const shown = hidden.reduce((masked, value) => masked.replaceAll(value, '***'), text);
      process.stdout.write(shown.endsWith('\n') ? shown : `${shown}\n`);
    });
}
