/** Where a vault says that its tokens come from. */
export interface Challenge {
  readonly loginHost: string;
  /** In lower case. */
  readonly tenantId: string;
  readonly audience: string;
}

/**
 * Reads `Bearer authorization="https://login…/{tenant}", resource="https://vault.azure.net"`; newer ones have
 * `authorization_uri` and `scope`. Undefined when it is none.
 */
export function readChallenge(header: string | undefined): Challenge | undefined {
  if (!/^Bearer\s/i.test(header ?? '')) return undefined;
  const members = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of (header ?? '').matchAll(
    /([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi,
  )) {
    members.set(name.toLowerCase(), quoted ?? plain);
  }
  const authority = URL.parse(members.get('authorization') ?? members.get('authorization_uri') ?? '');
  const audience = (members.get('resource') ?? members.get('scope'))?.replace(/\/(\.default)?$/, '');
  const [, tenantId] = /^\/([\w.-]+)(\/oauth2\/.*)?\/?$/.exec(authority?.pathname ?? '') ?? [];
  if (authority?.protocol !== 'https:' || audience === undefined || tenantId === undefined) return undefined;
  return { loginHost: authority.host, tenantId: tenantId.toLowerCase(), audience };
}
