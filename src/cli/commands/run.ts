import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { ServiceError } from '../../model/index.ts';
import { collect, parseArgument, parseWholeNumber } from '../options.ts';
import { inSession, locate, submitRun, type Session } from '../submit-run.ts';

interface Flags {
  readonly file?: string;
  readonly cmd?: string;
  readonly values?: string;
  readonly set: string[];
  readonly setSecret: string[];
  readonly platform: string;
  readonly timeout?: number;
  readonly pool?: string;
  readonly wait: boolean;
  readonly envFile?: string;
}

/** As for az: no source at all. */
const noSource = '/dev/null';
const defaultTimeoutSeconds = 3600;

/** `slipway run`: the steps of a task file, or one command. */
export function runCommand(): Command {
  return new Command('run')
    .description('run the steps of a task file, or one command in a container')
    .argument(
      '[source]',
      'directory, git URL (…git#branch:folder), URL of a tar archive, or /dev/null for none',
    )
    .option('-f, --file <path>', 'task file, relative to the source (default: acb.yaml)')
    .option('--cmd <command>', 'an image and its arguments, instead of a task file')
    .option('--values <path>', 'file of values, relative to the source')
    .option('--set <name=value>', 'value for {{.Values.name}} (repeatable)', collect, [])
    .option('--set-secret <name=value>', 'value that no log shows (repeatable)', collect, [])
    .option('--platform <os/architecture>', 'platform of the run', 'linux/amd64')
    .option('--timeout <seconds>', 'the run is stopped after so long (300 to 28800)', parseWholeNumber)
    .option('--no-wait', 'queue the run and leave')
    .option('--pool <name>', 'agent pool that performs it')
    .option('--env-file <file>', 'client.env of the server')
    .action((source: string | undefined, flags: Flags) =>
      inSession(flags.envFile, async (session) => {
        const work = await workOf(session, source, flags);
        return submitRun(session, { ...work, ...commonOf(flags) }, { wait: flags.wait });
      }),
    );
}

/** A task file of the source by its path; one without a source, or made of a command, is sent along. */
async function workOf(session: Session, source: string | undefined, flags: Flags): Promise<object> {
  const { file = 'acb.yaml', cmd, values } = flags;
  if (cmd !== undefined) {
    if (flags.file !== undefined || values !== undefined) {
      const message = '--cmd is a task by itself; leave out --file and --values';
      throw new ServiceError(400, 'InvalidOptions', message);
    }
    const text = commandTask(cmd, flags.timeout ?? defaultTimeoutSeconds);
    const isAlone = source === undefined || source === noSource;
    return {
      type: 'EncodedTaskRunRequest',
      encodedTaskContent: toBase64(text),
      ...(!isAlone && { sourceLocation: await locate(session, source, {}) }),
    };
  }
  if (source === noSource) {
    return {
      type: 'EncodedTaskRunRequest',
      encodedTaskContent: toBase64(await readText(file)),
      ...(values !== undefined && { encodedValuesContent: toBase64(await readText(values)) }),
    };
  }
  const needed = [file, ...(values === undefined ? [] : [values])];
  return {
    type: 'FileTaskRunRequest',
    taskFilePath: file,
    ...(values !== undefined && { valuesFilePath: values }),
    sourceLocation: await locate(session, source ?? '.', { needed }),
  };
}

function commonOf({ platform, set, setSecret, timeout, pool }: Flags): object {
  const [os = 'linux', architecture, variant] = platform.split('/');
  return {
    values: [
      ...set.map((text) => ({ ...parseArgument(text), isSecret: false })),
      ...setSecret.map((text) => ({ ...parseArgument(text), isSecret: true })),
    ],
    platform: { os, ...(architecture && { architecture }), ...(variant && { variant }) },
    ...(timeout !== undefined && { timeout }),
    ...(pool !== undefined && { agentPoolName: pool }),
  };
}

/** The task of one step that az makes of a command; it may take all of the run's time. */
function commandTask(cmd: string, timeoutSeconds: number): string {
  const lines = cmd.trim().split('\n');
  return [
    'version: v1.1.0',
    'steps:',
    '  - cmd: |-',
    ...lines.map((line) => `      ${line}`),
    '    disableWorkingDirectoryOverride: true',
    `    timeout: ${timeoutSeconds}`,
    '',
  ].join('\n');
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ServiceError(400, 'NoFile', `cannot read ${file}: ${error.message}`);
  });
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}
