import { request } from 'undici';

export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

const largestAnswerBytes = 64 * 1024;

/**
 * The `Authorization` with which a registry that sent this challenge lets a repository be read (distribution's
 * token authentication, or Basic); undefined when it takes a login and there is none.
 * @throws Error when the token service fails, or would be spoken to without TLS while the registry is not.
 */
export async function registryBearer(
  challenge: string,
  options: {
    readonly repository: string;
    readonly login: RegistryLogin | undefined;
    readonly mayUsePlain: boolean;
    readonly signal: AbortSignal;
  },
): Promise<string | undefined> {
  const { repository, login, mayUsePlain, signal } = options;
  const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  if (/^basic\b/i.test(challenge)) return basic;
  const members = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const realm = /^bearer\b/i.test(challenge) ? URL.parse(members.realm ?? '') : null;
  if (!realm) throw new Error(`the registry answers with a challenge that is not understood`);
  if (realm.protocol !== 'https:' && !(mayUsePlain && realm.protocol === 'http:')) {
    throw new Error(`the registry's token service ${realm.host} is not reached by https`);
  }
  if (members.service !== undefined) realm.searchParams.set('service', members.service);
  realm.searchParams.set('scope', members.scope ?? `repository:${repository}:pull`);
  const { statusCode, body } = await request(realm, {
    signal,
    headers: basic ? { authorization: basic } : {},
  });
  let text = '';
  for await (const chunk of body.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > largestAnswerBytes) throw new Error(`${realm.host} answers more than a token`);
  }
  if (statusCode === 401 || statusCode === 403) return undefined;
  if (statusCode !== 200) throw new Error(`the token service ${realm.host} answered ${statusCode}`);
  const { token, access_token: accessToken } = JSON.parse(text) as {
    token?: unknown;
    access_token?: unknown;
  };
  const given = token ?? accessToken;
  return typeof given === 'string' ? `Bearer ${given}` : undefined;
}
