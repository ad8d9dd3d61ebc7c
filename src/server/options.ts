import type { ForkPullRequests } from '../model/index.ts';

/** What `slipway server` is told; see `slipway server --help` for the defaults. */
export interface ServerOptions {
  readonly dataDirectory: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Where providers of source control reach the server, when it is not where clients do. */
  readonly hooksUrl: string | undefined;
  /** How many agents of the default pool the server starts by itself; with any, also those of agent pools. */
  readonly agents: number;
  /** `postgres://…`; without it the state is in PGlite under the data directory. */
  readonly databaseUrl: string | undefined;
  /** The server's own certificate; without it one of the local CA is made. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Whether registries run here; of several servers on one database one does that. */
  readonly hasRegistries: boolean;
  /** Login servers of registries take free ports from here on. */
  readonly registryPort: number;
  readonly maxUploadBytes: number;
  readonly leaseSeconds: number;
  /** Ended runs are purged after so many days; 0 keeps them. */
  readonly retentionDays: number;
  /** Whether pull requests from forks are run, with the rights of their tasks, or wait for somebody to redeliver them. */
  readonly forkPullRequests: ForkPullRequests;
  /** Base images of other registries are looked at so often; 0 is never. */
  readonly baseImageCheckMinutes: number;
  /** Where events may be sent: `*`, `hooks.example.org`, `*.example.org`; on loopback only those that are named. */
  readonly eventHosts: readonly string[];
  /** Base64, 32 bytes, instead of `master.key` in the data directory. */
  readonly masterKey: string | undefined;
  /** The identities of runs (JSON), instead of `identities.json` in the data directory. */
  readonly identities: string | undefined;
  /** Where the built portal lies. */
  readonly portalDirectory: string;
  readonly logLevel: string;
}
