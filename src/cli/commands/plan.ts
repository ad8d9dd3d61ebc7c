import { Command } from 'commander';
import { readTaskFile, taskFileSecrets } from '../../taskfile/index.ts';
import { drawPlan } from '../draw-plan.ts';
import { loadTaskFile, withTaskFile, type TaskFileFlags } from '../task-file.ts';

/** `slipway plan`: checks a task file and draws what waits for what. No server is asked. */
export function planCommand(): Command {
  return withTaskFile(new Command('plan'))
    .description('check a task file and draw its steps: what waits for what, and what runs at the same time')
    .action(async (directory: string, flags: TaskFileFlags) => {
      const input = await loadTaskFile(directory, flags);
      // Secret volumes want base64; what it says is not drawn.
      const stand = Buffer.from('secret').toString('base64');
      const secrets = Object.fromEntries(taskFileSecrets(input).map(({ id }) => [id, stand]));
      const { task, warnings } = readTaskFile({ ...input, secrets });
      const width = Math.min(process.stdout.columns ?? 80, 120);
      process.stdout.write(drawPlan(input.name ?? 'task', task, width));
      for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
    });
}
