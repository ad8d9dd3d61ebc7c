import type { ServiceError } from '../model/index.ts';
import { fetchFailed, quote } from './errors.ts';
import { redactText, redactUrl } from './redact.ts';

export interface FailedFetch {
  /** The repository of the source location. */
  readonly origin: string;
  /** The repository that is fetched: that one, or a submodule's. */
  readonly url: string;
  /** The path of the submodule, from the root of the source. */
  readonly submodule?: string;
  readonly ref: string | undefined;
  /** Whether there is one for `url`. */
  readonly hasCredential: boolean;
  /** What must not show up in the message. */
  readonly secrets: readonly string[];
}

/** What git says (in the C locale), and what it means. The first that fits counts. */
const MEANINGS: readonly (readonly [RegExp, (fetch: FailedFetch, match: RegExpExecArray) => string])[] = [
  [
    /git-lfs: (command )?not found|'lfs' is not a git command/,
    () =>
      'it keeps files in Git LFS, and git-lfs is not installed on the machine of the agent: apt-get install git-lfs',
  ],
  [
    /Git credentials for ([^\s?]+)\S* not found/,
    ({ origin }, [, url]) =>
      `Git LFS at ${url ?? ''} needs a credential; one of the source is for ${new URL(origin).host} only`,
  ],
  [
    /Error downloading object: .*?: Smudge error: Error downloading (.*?) \([0-9a-f]{64}\): (.*)/,
    (_, [, path, reason]) => `Git LFS does not bring ${quote(path ?? '')}: ${reason ?? ''}`,
  ],
  [/Authentication failed|returned error: 401/, () => 'the server refuses the credential'],
  [/could not read (Username|Password)|terminal prompts disabled/, (fetch) => missingCredential(fetch)],
  [/returned error: 403/, () => 'the server denies access (403)'],
  [/returned error: (5\d\d|429)/, (_, [, status]) => `the server answers with status ${status ?? ''}`],
  [/repository '.*' not found|returned error: 404|returned error: 410/, () => 'the repository is not found'],
  [
    /couldn't find remote ref HEAD|Remote branch HEAD not found/i,
    () => 'the repository is empty or has no default branch',
  ],
  [
    /couldn't find remote ref|not our ref|unadvertised object|bad object|unknown revision/i,
    ({ ref = 'HEAD' }) => missingRef(ref),
  ],
  [/Could not resolve host: ([^\s;]+)/, (_, [, host]) => `the host ${quote(host ?? '')} is not known`],
  [
    /(Failed to connect to .*?|Connection refused|Connection timed out|Operation timed out|Operation too slow|Connection reset)/,
    () => 'the host cannot be reached, or does not answer',
  ],
  [
    /SSL certificate problem: (.*)|server certificate verification failed|SSL peer certificate/i,
    (_, [, detail]) =>
      `the certificate of the server is not trusted${detail === undefined ? '' : ` (${detail.trim()})`}`,
  ],
  [
    /is this a git repository|not valid: could not determine|does not appear to be a git repository/,
    () => 'there is no git repository at this URL',
  ],
];

/** One line for what git wrote on stderr: no noise, no secrets. 400 `SourceFetchFailed`. */
export function explainGit(stderr: string, fetch: FailedFetch): ServiceError {
  for (const [pattern, explain] of MEANINGS) {
    const match = pattern.exec(stderr);
    if (match !== null) return failure(explain(fetch, match), fetch);
  }
  const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const telling = lines.findLast((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1) ?? 'git failed';
  return failure(telling.replace(/^(fatal|error): /, '').slice(0, 500), fetch);
}

/** 400 `SourceFetchFailed` for a repository. */
export function failure(reason: string, { origin, url, submodule, secrets }: FailedFetch): ServiceError {
  const from = submodule === undefined ? '' : `, submodule ${quote(submodule)} from ${redactUrl(url)}`;
  return fetchFailed(redactText(`cannot fetch ${redactUrl(origin)}${from}: ${reason}`, secrets));
}

function missingCredential({ hasCredential, submodule, origin }: FailedFetch): string {
  if (hasCredential) return 'the server does not take the credential';
  if (submodule === undefined) {
    return 'the repository needs a credential, or does not exist; give one as https://TOKEN@host/path.git';
  }
  return `the repository needs a credential, or does not exist; the one of the source is for ${new URL(origin).host} only`;
}

function missingRef(ref: string): string {
  return /^[0-9a-f]{40,64}$/i.test(ref)
    ? `the commit ${ref} is not found: no branch or tag has it (any more), or it was not pushed`
    : `the ref ${quote(ref)} is not found`;
}
