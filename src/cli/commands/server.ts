import os from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { forkPullRequests, ServiceError, type ForkPullRequests } from '../../model/index.ts';
import { onStdinClose, parseNumber, parseWholeNumber } from '../options.ts';
import { defaultDataDirectory, portalDirectory } from '../paths.ts';

interface Flags {
  readonly data: string;
  readonly listen: { host: string; port: number };
  readonly hooksUrl?: string;
  readonly agents: number;
  readonly databaseUrl?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly registries: boolean;
  readonly registryPort: number;
  readonly maxUpload: number;
  readonly leaseSeconds: number;
  readonly retentionDays: number;
  readonly forkPullRequests: ForkPullRequests;
  readonly baseImageCheckMinutes: number;
  readonly eventHosts: readonly string[];
  readonly untilStdinCloses?: boolean;
  readonly logLevel: string;
}

/** `slipway server`: runs until SIGINT or SIGTERM. */
export function serverCommand(): Command {
  return new Command('server')
    .description('run the server: API, state, registries and, with --agents, agents of its own')
    .option('--data <dir>', 'where everything is kept', process.env.SLIPWAY_DATA ?? defaultDataDirectory)
    .option(
      '--listen <host:port>',
      'address of the API, as clients reach it',
      parseListen,
      parseListen('localhost:8443'),
    )
    .option(
      '--hooks-url <url>',
      'where GitHub and its like reach this server, to send webhooks (default: the address of the API)',
      parseHooksUrl,
      process.env.SLIPWAY_HOOKS_URL === undefined ? undefined : parseHooksUrl(process.env.SLIPWAY_HOOKS_URL),
    )
    .option(
      '--agents <n>',
      'how many agents of the default pool to start on this machine; with 0 none of other pools either',
      parseWholeNumber,
      1,
    )
    .option(
      '--database-url <url>',
      'PostgreSQL instead of the embedded PGlite',
      process.env.SLIPWAY_DATABASE_URL,
    )
    .option('--tls-cert <file>', 'certificate (PEM) instead of one of the local CA')
    .option('--tls-key <file>', 'its private key (PEM)')
    .option('--no-registries', 'run none: of several servers on one database one runs all of them')
    .option('--registry-port <port>', 'registries take free ports from here on', parseWholeNumber, 5001)
    .option('--max-upload <bytes>', 'largest source archive', parseWholeNumber, 4 * 1024 ** 3)
    .option('--lease-seconds <n>', 'an agent silent for so long loses its run', parseWholeNumber, 20)
    .option(
      '--retention-days <n>',
      'purge runs that ended so long ago and are not archived; 0 keeps all',
      parseWholeNumber,
      30,
    )
    .addOption(
      new Option(
        '--fork-pull-requests <what>',
        'run: pull requests from forks, which anybody may open, run with the rights and secrets of their tasks; ' +
          'hold: only when somebody sends their delivery again',
      )
        .choices(forkPullRequests)
        .default('hold'),
    )
    .option(
      '--base-image-check-minutes <n>',
      'look so often whether base images in other registries were updated; 0 is only when these tell',
      parseNumber,
      10,
    )
    .option(
      '--event-hosts <hosts>',
      'where events may be sent: * for all but this machine, HOST, *.DOMAIN, with commas between; ' +
        'this machine only where it is named, such as *,localhost',
      parseHosts,
      parseHosts(process.env.SLIPWAY_EVENT_HOSTS ?? '*'),
    )
    .option('--until-stdin-closes', 'stop when the standard input closes')
    .option('--log-level <level>', 'trace, debug, info, warn, error', process.env.SLIPWAY_LOG_LEVEL ?? 'info')
    .action(async (flags: Flags) => {
      const [{ pino }, { startServer }] = await Promise.all([
        import('pino'),
        import('../../server/index.ts'),
      ]);
      const log = pino({ level: flags.logLevel, base: { pid: process.pid, host: os.hostname() } });
      if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) {
        throw new ServiceError(400, 'InvalidOption', '--tls-cert and --tls-key go together');
      }
      const server = await startServer(
        {
          dataDirectory: path.resolve(flags.data),
          listen: flags.listen,
          hooksUrl: flags.hooksUrl,
          agents: flags.agents,
          databaseUrl: flags.databaseUrl,
          tls: flags.tlsCert && flags.tlsKey ? { certFile: flags.tlsCert, keyFile: flags.tlsKey } : undefined,
          hasRegistries: flags.registries,
          registryPort: flags.registryPort,
          maxUploadBytes: flags.maxUpload,
          leaseSeconds: flags.leaseSeconds,
          retentionDays: flags.retentionDays,
          forkPullRequests: flags.forkPullRequests,
          baseImageCheckMinutes: flags.baseImageCheckMinutes,
          eventHosts: flags.eventHosts,
          masterKey: process.env.SLIPWAY_MASTER_KEY,
          identities: process.env.SLIPWAY_IDENTITIES,
          portalDirectory,
          logLevel: flags.logLevel,
        },
        log,
      );
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
        if (flags.untilStdinCloses) onStdinClose(resolve);
      });
      log.info({}, 'stopping');
      await server.stop();
    });
}

/** An http(s) URL, without a slash at its end. */
function parseHooksUrl(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username) {
    return url.href.replace(/\/+$/, '');
  }
  throw new InvalidArgumentError(`${JSON.stringify(text)} is no URL such as https://slipway.example.com`);
}

/** `*,localhost`, in lower case and without the brackets of IPv6 addresses. */
function parseHosts(text: string): string[] {
  const hosts = text.split(',').map((each) =>
    each
      .trim()
      .toLowerCase()
      .replace(/^\[|\]$/g, ''),
  );
  const wrong = hosts.find((each) => !/^(?:\*|(?:\*\.)?[a-z0-9_.:-]+)$/.test(each));
  if (wrong === undefined) return hosts;
  throw new InvalidArgumentError(
    `${JSON.stringify(wrong)} is no host such as hooks.example.org or *.example.org`,
  );
}

/** `HOST:PORT`, with an IPv6 address in brackets. */
function parseListen(text: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^(\[[0-9a-f:]+\]|[\w.-]+):(\d{1,5})$/i.exec(text) ?? [];
  if (host === '' || Number(port) < 1 || Number(port) > 65_535) {
    throw new InvalidArgumentError(`${JSON.stringify(text)} is no HOST:PORT such as localhost:8443`);
  }
  return { host: host.toLowerCase(), port: Number(port) };
}
