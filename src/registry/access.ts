/** What a credential may do: `repository` is a name or `*` for all. */
export interface AccessGrant {
  readonly repository: string;
  readonly actions: readonly string[];
}

/** One resource of a token request (distribution's token scope grammar): `repository:team/app:pull,push`. */
export interface RequestedAccess {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** Parses `scope` parameters, each of which may hold several scopes with blanks between. */
export function parseScopes(scopes: readonly string[]): RequestedAccess[] {
  return scopes
    .flatMap((scope) => scope.split(' '))
    .filter((scope) => scope !== '')
    .map((scope) => {
      // The name itself may hold colons (a host's port).
      const first = scope.indexOf(':');
      const last = scope.lastIndexOf(':');
      return {
        type: first === -1 ? scope : scope.slice(0, first),
        name: last > first ? scope.slice(first + 1, last) : '',
        actions:
          last > first
            ? scope
                .slice(last + 1)
                .split(',')
                .filter(Boolean)
            : [],
      };
    });
}

/** The part of what was asked for that the credential grants; resources with nothing left are dropped. */
export function grantAccess(
  requested: readonly RequestedAccess[],
  granted: readonly AccessGrant[],
): RequestedAccess[] {
  const mayAll = granted.some(({ repository, actions }) => repository === '*' && actions.includes('*'));
  return requested
    .map(({ type, name, actions }) => {
      if (type === 'registry') return { type, name, actions: mayAll ? actions : [] };
      if (type !== 'repository') return { type, name, actions: [] };
      const allowed = granted
        .filter(({ repository }) => repository === '*' || repository === name)
        .flatMap((grant) => grant.actions);
      // Who may pull may also ask what there is.
      const sameAs = (action: string): string => (action === 'metadata_read' ? 'pull' : action);
      return {
        type,
        name,
        actions: actions.filter((action) => allowed.includes('*') || allowed.includes(sameAs(action))),
      };
    })
    .filter(({ actions }) => actions.length > 0);
}
