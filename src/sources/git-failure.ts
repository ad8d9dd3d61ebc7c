import type { ServiceError } from '../model/index.ts';
import { fetchFailed, quote } from './errors.ts';
import { redactText, redactUrl } from './redact.ts';

export interface FailedFetch {
  readonly url: string;
  readonly ref: string | undefined;
  readonly hasCredential: boolean;
  /** What must not show up in the message. */
  readonly secrets: readonly string[];
}

/** What git says (in the C locale), and what it means. The first that fits counts. */
const MEANINGS: readonly (readonly [RegExp, (fetch: FailedFetch, match: RegExpExecArray) => string])[] = [
  [
    /transport '([^']+)' not allowed/,
    (_, [, transport]) =>
      `it has a submodule whose URL uses the transport ${quote(transport ?? '')}; only https and http are allowed`,
  ],
  [/Authentication failed|returned error: 401/, () => 'the server refuses the credential'],
  [
    /could not read (Username|Password)|terminal prompts disabled/,
    ({ hasCredential }) =>
      hasCredential
        ? 'the repository, or a submodule on another host, needs a credential that was not given'
        : 'the repository needs a credential, or does not exist; give one as https://TOKEN@host/path.git',
  ],
  [/returned error: 403/, () => 'the server denies access (403)'],
  [/returned error: (5\d\d|429)/, (_, [, status]) => `the server answers with status ${status ?? ''}`],
  [
    /repository '.*' not found|returned error: 404|returned error: 410/,
    () => 'the repository, or one of its submodules, is not found',
  ],
  [
    /couldn't find remote ref HEAD|Remote branch HEAD not found/i,
    () => 'the repository is empty or has no default branch',
  ],
  [
    /couldn't find remote ref|not our ref|unadvertised object|bad object|unknown revision/i,
    ({ ref }) => `the ref ${quote(ref ?? 'HEAD')}, or the commit of a submodule, is not found`,
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
    /No url found for submodule path '(.*)'/,
    (_, [, path]) => `its submodule ${quote(path ?? '')} has no URL`,
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
export function failure(reason: string, { url, secrets }: FailedFetch): ServiceError {
  return fetchFailed(redactText(`cannot fetch ${redactUrl(url)}: ${reason}`, secrets));
}
