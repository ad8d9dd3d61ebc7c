import { imageActionsOf, isAdminPassword, verifyPrincipal, type ControlDeps } from '../control/index.ts';
import type { Authenticate, Authenticated } from '../http/oci/index.ts';
import type { TokenIssuer } from '../identity/index.ts';
import type { Registry } from '../model/index.ts';
import { tokenUser, type RegistryTokenService } from '../registry/index.ts';

/**
 * Who may log in to a registry: runs and `az acr login` with a credential of ours, service principals with
 * their secret, the admin user where it is enabled. What they may do follows from their roles.
 */
export function createAuthenticate(
  control: ControlDeps,
  tokenService: RegistryTokenService,
  tokenIssuer: TokenIssuer,
  registry: Registry,
): Authenticate {
  const byRole = async (objectId: string, name: string): Promise<Authenticated | undefined> => {
    const actions = await imageActionsOf(control, objectId, registry);
    return actions.length === 0 ? undefined : { subject: name, scopes: [{ repository: '*', actions }] };
  };
  const authenticate: Authenticate = {
    credential: (credential) =>
      tokenService.verifyRegistryCredential(credential, registry.name, control.now()),
    async accessToken(token) {
      const principal = await tokenIssuer.verifyAccessToken(token, control.now()).catch(() => undefined);
      return principal && byRole(principal.objectId, principal.clientId);
    },
    async password(username, password) {
      if (username === tokenUser) return authenticate.credential(password);
      if (await isAdminPassword(control, registry.registryId, username, password)) {
        return { subject: username, scopes: [{ repository: '*', actions: ['*'] }] };
      }
      const principal = await verifyPrincipal(control, username, password);
      return principal && byRole(principal.objectId, principal.clientId);
    },
  };
  return authenticate;
}
