import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { messageOf, ServiceError } from '../model/index.ts';

/** Each command in a module of its own, loaded when it is asked for: most of what they import is heavy. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  quickstart: async () => (await import('./commands/quickstart.ts')).quickstartCommand(),
  test: async () => (await import('./commands/test.ts')).testCommand(),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
  server: async () => (await import('./commands/server.ts')).serverCommand(),
  agent: async () => (await import('./commands/agent.ts')).agentCommand(),
  build: async () => (await import('./commands/build.ts')).buildCommand(),
  exec: async () => (await import('./commands/exec.ts')).execCommand(),
  run: async () => (await import('./commands/run.ts')).runCommand(),
  steps: async () => (await import('./commands/steps.ts')).stepsCommand(),
  logs: async () => (await import('./commands/runs.ts')).logsCommand(),
  runs: async () => (await import('./commands/runs.ts')).runsCommand(),
  cancel: async () => (await import('./commands/runs.ts')).cancelCommand(),
  deliveries: async () => (await import('./commands/deliveries.ts')).deliveriesCommand(),
  redeliver: async () => (await import('./commands/deliveries.ts')).redeliverCommand(),
  'base-images': async () => (await import('./commands/base-images.ts')).baseImagesCommand(),
  events: async () => (await import('./commands/events.ts')).eventsCommand(),
  secret: async () => (await import('./commands/secret.ts')).secretCommand(),
  render: async () => (await import('./commands/render.ts')).renderCommand(),
  plan: async () => (await import('./commands/plan.ts')).planCommand(),
  task: async () => (await import('./commands/task.ts')).taskCommand(),
  'az-env': async () => (await import('./commands/az.ts')).azEnvCommand(),
  'az-login': async () => (await import('./commands/az.ts')).azLoginCommand(),
  'az-logout': async () => (await import('./commands/az.ts')).azLogoutCommand(),
};

/** Runs one command line; what goes wrong is one line on the standard error, and the exit code 1. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('slipway')
    .description('Container builds on your own machines, spoken to as Azure Container Registry Tasks')
    .version(packageJson.version)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const [, , name = ''] = argv;
  const load = Object.entries(commands).filter(([each]) => each === name || !(name in commands));
  for (const command of await Promise.all(load.map(([, make]) => make()))) {
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
