import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Command, Option } from 'commander';
import { ServiceError } from '../../model/index.ts';
import { onStdinClose, parseSize, parseWholeNumber } from '../options.ts';
import { projectDirectory } from '../paths.ts';
import { stepOptionsOf, withStepOptions, type StepFlags } from '../step-options.ts';

interface Flags extends StepFlags {
  readonly server: string;
  readonly ca?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly pool: string;
  readonly name: string;
  readonly workDirectory?: string;
  readonly maxSourceBytes?: number;
  readonly maxSourceEntries?: number;
  readonly maxSourceRatio?: number;
  readonly cacheLimit: number;
  readonly untilStdinCloses?: boolean;
  readonly logLevel: string;
}

/** `slipway agent`: performs runs until SIGINT or SIGTERM; the run in hand then goes back to the queue. */
export function agentCommand(): Command {
  return withStepOptions(new Command('agent'))
    .description('perform runs of a server on this machine’s Docker engine')
    .requiredOption(
      '--server <url>',
      'the server, such as https://build.example.org:8443',
      process.env.SLIPWAY_URL,
    )
    .option('--ca <file>', 'certificate authority of the server (PEM)', process.env.SLIPWAY_CA)
    .option(
      '--token <token>',
      'join token; better in SLIPWAY_AGENT_TOKEN or --token-file, arguments are for all to see',
    )
    .option(
      '--token-file <file>',
      'file that holds the join token (agent.token of the server, or of the pool)',
    )
    .option(
      '--pool <name>',
      'the pool whose runs it performs: REGISTRY/POOL, or a name that is unique',
      'default',
    )
    .option('--name <name>', 'name of this place of work', os.hostname())
    .option('--work-directory <dir>', 'for the files of runs')
    .addOption(limit('--max-source-bytes <n>', 'largest unpacked source (8 GiB)', 'SLIPWAY_MAX_SOURCE_BYTES'))
    .addOption(
      limit('--max-source-entries <n>', 'most files in a source (500000)', 'SLIPWAY_MAX_SOURCE_ENTRIES'),
    )
    .addOption(
      limit(
        '--max-source-ratio <n>',
        'largest ratio of unpacked to compressed size (1000)',
        'SLIPWAY_MAX_SOURCE_RATIO',
      ),
    )
    .addOption(
      new Option('--cache-limit <size>', 'build cache that the engine may keep, such as 20GB; 0: all of it')
        .env('SLIPWAY_CACHE_LIMIT')
        .argParser(parseSize)
        .default(20e9, '20GB'),
    )
    .option('--until-stdin-closes', 'finish the run in hand and leave when the standard input closes')
    .option('--log-level <level>', 'trace, debug, info, warn, error', process.env.SLIPWAY_LOG_LEVEL ?? 'info')
    .action(async (flags: Flags) => {
      const [{ pino }, { runAgent }, { findDockerCli, openEngine }, { createHttp }] = await Promise.all([
        import('pino'),
        import('../../agent/index.ts'),
        import('../../engine/index.ts'),
        import('../../client/index.ts'),
      ]);
      const log = pino({ level: flags.logLevel, base: { pid: process.pid, agent: flags.name } });
      const workDirectory = path.resolve(
        flags.workDirectory ?? path.join(projectDirectory, '.slipway', 'agents', flags.name),
      );
      const engine = openEngine({ dockerCli: await findDockerCli(process.env) });
      const drain = new AbortController();
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      if (flags.untilStdinCloses) onStdinClose(() => drain.abort());
      const http = createHttp({ ...(flags.ca !== undefined && { caFile: flags.ca }) });
      await runAgent(
        { engine, http, log },
        {
          server: flags.server.replace(/\/+$/, ''),
          joinToken: await readToken(flags),
          name: flags.name,
          pool: flags.pool,
          architecture: process.arch === 'x64' ? 'amd64' : process.arch,
          workDirectory,
          serverGraceSeconds: 60,
          ...stepOptionsOf(flags, flags.pool),
          cacheLimitBytes: flags.cacheLimit,
          sourceLimits: {
            ...(flags.maxSourceBytes !== undefined && { maxTotalBytes: flags.maxSourceBytes }),
            ...(flags.maxSourceEntries !== undefined && { maxEntries: flags.maxSourceEntries }),
            ...(flags.maxSourceRatio !== undefined && { maxRatio: flags.maxSourceRatio }),
          },
        },
        { drain: drain.signal, stop: stop.signal },
      );
      http.close();
    });
}

/** A limit of sources; the environment names it for the agents that a server starts. */
function limit(flags: string, description: string, variable: string): Option {
  return new Option(flags, description).env(variable).argParser(parseWholeNumber);
}

async function readToken({ token, tokenFile }: Flags): Promise<string> {
  const given =
    token ?? process.env.SLIPWAY_AGENT_TOKEN ?? (tokenFile && (await readFile(tokenFile, 'utf8')).trim());
  if (given) return given;
  throw new ServiceError(
    400,
    'MissingAgentToken',
    'an agent needs a token to join: give --token-file, SLIPWAY_AGENT_TOKEN or --token; ' +
      'the server keeps it in agent.token of its data directory',
  );
}
