import { isIP } from 'node:net';
import { request, type Dispatcher } from 'undici';
import { isLoopbackRegistry } from './loopback.ts';
import { noAnswer, RegistryDenied, refuseTrouble } from './registry-trouble.ts';

export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

const largestAnswerBytes = 64 * 1024;

/**
 * The `Authorization` with which a registry that sent this challenge lets a repository be read (distribution's
 * token authentication, or Basic). A login goes to the registry itself, and to a token service of its own domain.
 * @throws RegistryDenied when there is no login, a wrong one, or one that would go to a stranger;
 *   RegistryBusy, RegistryUnreachable for the token service.
 */
export async function registryBearer(
  challenge: string,
  options: {
    /** `ghcr.io`, with its port if it has one. */
    readonly host: string;
    readonly repository: string;
    readonly login: RegistryLogin | undefined;
    readonly now: Date;
    readonly signal: AbortSignal;
    readonly dispatcher: Dispatcher | undefined;
  },
): Promise<string> {
  const { host, repository, login, now, signal, dispatcher } = options;
  const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  if (/^basic\b/i.test(challenge)) {
    if (basic) return basic;
    throw new RegistryDenied(`${host} asks for a login`);
  }
  const members = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const realm = /^bearer\b/i.test(challenge) ? URL.parse(members.realm ?? '') : null;
  if (!realm) throw new RegistryDenied(`${host} answers with a challenge that is not understood`);
  const isPlainAllowed = isLoopbackRegistry(host) && isLoopbackRegistry(realm.host);
  if (realm.protocol !== 'https:' && !(isPlainAllowed && realm.protocol === 'http:')) {
    throw new RegistryDenied(`the token service ${realm.host} of ${host} is not reached by https`);
  }
  if (basic && !isOfOneDomain(realm.host, host)) {
    throw new RegistryDenied(`no login is sent to ${realm.host}, which is of another domain than ${host}`);
  }
  if (members.service !== undefined) realm.searchParams.set('service', members.service);
  realm.searchParams.set('scope', members.scope ?? `repository:${repository}:pull`);
  const answer = await askToken(realm, { basic, now, signal, dispatcher });
  if (answer === undefined) {
    throw new RegistryDenied(
      login ? `${realm.host} does not take the login for ${host}` : `${host} asks for a login`,
    );
  }
  return `Bearer ${answer}`;
}

/** @returns the token; undefined when it is refused. */
async function askToken(
  realm: URL,
  options: {
    readonly basic: string | undefined;
    readonly now: Date;
    readonly signal: AbortSignal;
    readonly dispatcher: Dispatcher | undefined;
  },
): Promise<string | undefined> {
  const { basic, now, signal, dispatcher } = options;
  const headers = { 'user-agent': 'slipway', ...(basic && { authorization: basic }) };
  const response = await request(realm, { signal, headers, ...(dispatcher && { dispatcher }) }).catch(
    (error: unknown) => {
      throw noAnswer(realm.host, error, signal);
    },
  );
  let text = '';
  for await (const chunk of response.body.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > largestAnswerBytes) throw new Error(`${realm.host} answers more than a token`);
  }
  const { statusCode } = response;
  if (statusCode === 401 || statusCode === 403) return undefined;
  refuseTrouble(realm.host, response, now);
  if (statusCode !== 200) throw new Error(`the token service ${realm.host} answered ${statusCode}`);
  const { token, access_token: accessToken } = JSON.parse(text) as {
    token?: unknown;
    access_token?: unknown;
  };
  const given = token ?? accessToken;
  if (typeof given !== 'string') throw new Error(`the token service ${realm.host} answered no token`);
  return given;
}

/** Whether two hosts are one, one is below the other, or both lie in one domain: `auth.docker.io` and `registry-1.docker.io`. */
function isOfOneDomain(one: string, other: string): boolean {
  if (isLoopbackRegistry(one) && isLoopbackRegistry(other)) return true;
  const [a, b] = [nameOf(one), nameOf(other)];
  if (a === b) return true;
  if (isIP(a) || isIP(b) || a.startsWith('[') || b.startsWith('[')) return false;
  const isBelow = (low: string, high: string): boolean => high.includes('.') && low.endsWith(`.${high}`);
  const parent = a.slice(a.indexOf('.') + 1);
  return isBelow(a, b) || isBelow(b, a) || (parent.includes('.') && isBelow(a, parent) && isBelow(b, parent));
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
