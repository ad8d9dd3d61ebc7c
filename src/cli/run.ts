import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { messageOf, ServiceError } from '../model/index.ts';
import { agentCommand } from './commands/agent.ts';
import { azEnvCommand, azLoginCommand, azLogoutCommand } from './commands/az.ts';
import { buildCommand } from './commands/build.ts';
import { doctorCommand } from './commands/doctor.ts';
import { quickstartCommand } from './commands/quickstart.ts';
import { cancelCommand, logsCommand, runsCommand } from './commands/runs.ts';
import { serverCommand } from './commands/server.ts';
import { testCommand } from './commands/test.ts';

/** Runs one command line; what goes wrong is one line on the standard error, and the exit code 1. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('slipway')
    .description('Container builds on your own machines, spoken to as Azure Container Registry Tasks')
    .version(packageJson.version)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const command of [
    ...[quickstartCommand(), testCommand(), doctorCommand(), serverCommand(), agentCommand()],
    ...[buildCommand(), logsCommand(), runsCommand(), cancelCommand()],
    ...[azEnvCommand(), azLoginCommand(), azLogoutCommand()],
  ]) {
    program.addCommand(command.exitOverride());
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError)
      process.exitCode = error.exitCode; // commander has said why
    else {
      const isFault = !(error instanceof ServiceError) && error instanceof Error && process.env.SLIPWAY_DEBUG;
      process.stderr.write(`slipway: ${isFault ? (error.stack ?? '') : messageOf(error)}\n`);
      process.exitCode = 1;
    }
  }
}
