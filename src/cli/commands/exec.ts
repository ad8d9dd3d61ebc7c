import { once } from 'node:events';
import path from 'node:path';
import { Command } from 'commander';
import { Secret, ServiceError } from '../../model/index.ts';
import { readTaskFile, taskFileSecrets, type TaskSecret } from '../../taskfile/index.ts';
import { packContext } from '../api/pack-context.ts';
import { collect, parseArgument, parseWholeNumber } from '../options.ts';
import { stateDirectory } from '../paths.ts';
import { stepOptionsOf, withStepOptions, type StepFlags } from '../step-options.ts';
import { loadTaskFile, withTaskFile, type TaskFileFlags } from '../task-file.ts';

interface Flags extends TaskFileFlags, StepFlags {
  readonly secret: string[];
  readonly inPlace: boolean;
  readonly timeout: number;
}

/** `slipway exec`: performs a task file on this machine's engine. No server is asked. */
export function execCommand(): Command {
  return withStepOptions(withTaskFile(new Command('exec')))
    .description('run a task file on this machine’s Docker engine, without any server')
    .option(
      '--secret <id=value>',
      'a secret that the file names; id alone takes it from the environment (repeatable)',
      collect,
      [],
    )
    .option('--in-place', 'steps work in the directory itself instead of a copy of it', false)
    .option('--timeout <seconds>', 'the run is stopped after so long', parseWholeNumber, 3600)
    .action(async (directory: string, flags: Flags) => {
      process.exitCode = await exec(path.resolve(directory), flags);
    });
}

async function exec(directory: string, flags: Flags): Promise<number> {
  const [{ performLocally }, { findDockerCli, openEngine, readDockerLogins }, { fetchArchive }] =
    await Promise.all([
      import('../../agent/index.ts'),
      import('../../engine/index.ts'),
      import('../../sources/index.ts'),
    ]);
  const { imageAliases, ...stepOptions } = stepOptionsOf(flags, undefined);
  const input = { ...(await loadTaskFile(directory, flags)), imageAliases };
  const secrets = secretsOf(taskFileSecrets(input), flags.secret.map(parseArgument));
  const { task, warnings } = readTaskFile({ ...input, secrets });
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  const hidden = [...flags.setSecret.map((given) => parseArgument(given).value), ...Object.values(secrets)];
  const volumeFiles = task.volumes.flatMap(({ secret }) => Object.values(secret));
  hidden.push(...volumeFiles.map((content) => Buffer.from(content, 'base64').toString('utf8')));

  const engine = openEngine({ dockerCli: await findDockerCli(process.env) });
  const interrupted = new AbortController();
  await engine.ping(interrupted.signal);
  const logins = await readDockerLogins(process.env);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupted.abort());
  }
  const { status } = await performLocally(
    engine,
    {
      async write(bytes) {
        if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
      },
      async end() {},
    },
    {
      workDirectory: path.join(stateDirectory, 'exec'),
      task,
      platform: { os: 'Linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch },
      timeoutSeconds: flags.timeout,
      logins: logins.map((login) => ({ ...login, password: login.password.reveal() })),
      secrets: hidden.map((value) => new Secret(value)),
      ...stepOptions,
      async fetchSource(into, signal) {
        if (flags.inPlace) return { contextDirectory: directory };
        const archive = await packContext(directory, { dockerfile: 'Dockerfile', isCompressed: false });
        await fetchArchive(archive, into, { signal });
        return { contextDirectory: into };
      },
    },
    interrupted.signal,
  );
  return status === 'Succeeded' ? 0 : 1;
}

/** The values of the secrets that a file names, from the command line or the environment. */
function secretsOf(
  named: readonly TaskSecret[],
  given: readonly { readonly name: string; readonly value: string }[],
): Record<string, string> {
  const values = named.map(({ id, keyvault }): [string, string] => {
    const value = given.find(({ name }) => name === id)?.value ?? process.env[id];
    if (value !== undefined) return [id, value];
    throw new ServiceError(
      400,
      'SecretNotFound',
      `the task needs the secret ${id} (${keyvault}); give it with --secret ${id}=… or as ${id} in the environment`,
    );
  });
  return Object.fromEntries(values);
}
