import type { Secret } from '../model/index.ts';
import { invalidLocation } from './errors.ts';

export interface GitEnvironment {
  /** A directory of its own, so that no `.netrc` or `.gitconfig` of the machine's is read. */
  readonly home: string;
  /** The repository: its scheme, host and port are who gets the credential, and nobody else. */
  readonly url: string;
  readonly credential?: Secret | undefined;
  /** PEM certificates that http servers are checked against instead of the system's. */
  readonly caFile?: string | undefined;
}

/** What git may see of our own environment: where programs are, proxies, system certificates. */
const PASSED_ON = [
  'PATH',
  'TMPDIR',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

// git runs it with a shell; the values come in by environment, so they are in no process list and no file
const CREDENTIAL_HELPER = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$SLIPWAY_GIT_USER" "$SLIPWAY_GIT_PASSWORD"; }; f`;

/**
 * The environment for git on a hostile repository: only http and https (submodules included, gitprotocol in
 * git-config(1) `protocol.allow`), no hooks, no prompts, no configuration but this.
 */
export function gitEnvironment(options: GitEnvironment): NodeJS.ProcessEnv {
  const config: [string, string][] = [
    ['protocol.allow', 'never'],
    ['protocol.https.allow', 'always'],
    ['protocol.http.allow', 'always'],
    ['core.hooksPath', '/dev/null'],
    ['core.symlinks', 'true'],
    ['core.autocrlf', 'false'],
    ['core.fsmonitor', 'false'],
    ['credential.helper', ''],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['advice.detachedHead', 'false'],
    ['init.defaultBranch', 'main'],
    // a server that sends nothing for two minutes is gone
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', '120'],
  ];
  const env: NodeJS.ProcessEnv = {
    HOME: options.home,
    XDG_CONFIG_HOME: options.home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    GIT_ALLOW_PROTOCOL: 'https:http',
  };
  for (const name of PASSED_ON) if (process.env[name] !== undefined) env[name] = process.env[name];
  if (options.caFile !== undefined) env.GIT_SSL_CAINFO = options.caFile;
  if (options.credential !== undefined) {
    const { user, password } = splitCredential(options.credential, new URL(options.url).hostname);
    env.SLIPWAY_GIT_USER = user;
    env.SLIPWAY_GIT_PASSWORD = password;
    config.push([`credential.${new URL(options.url).origin}.helper`, CREDENTIAL_HELPER]);
  }
  env.GIT_CONFIG_COUNT = String(config.length);
  for (const [index, [key, value]] of config.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}

/**
 * `user:password`, or a token alone: that is the password, with the user that the forge wants to see (GitHub,
 * Azure DevOps and Gitea take any).
 */
export function splitCredential(credential: Secret, host: string): { user: string; password: string } {
  const value = credential.reveal();
  // a line more would be an instruction to git (gitcredentials(7))

  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw invalidLocation('the credential of the source contains a control character');
  }
  const colon = value.indexOf(':');
  if (colon >= 0) return { user: value.slice(0, colon), password: value.slice(colon + 1) };
  if (host === 'bitbucket.org') return { user: 'x-token-auth', password: value };
  if (host.startsWith('gitlab.')) return { user: 'oauth2', password: value };
  return { user: 'x-access-token', password: value };
}
