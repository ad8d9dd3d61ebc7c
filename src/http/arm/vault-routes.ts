import {
  listVaultSecrets,
  removeVaultSecret,
  setVaultSecret,
  vaultSecretUrl,
  type ControlDeps,
  type VaultSecret,
} from '../../control/index.ts';
import { registryResourceId } from '../../model/index.ts';
import { check, vaultSecret } from '../../spec/index.ts';
import { nextNamePage, readNamePage } from './name-page.ts';
import type { Router } from './router.ts';

const kind = 'Microsoft.ContainerRegistry/registries/vaults/secrets';
const versions = 'tasks';

/**
 * Ours: the secrets of a registry's own vaults, in the shapes of Key Vault. Values go in and never come out:
 * only runs read them.
 */
export function vaultRoutes(router: Router, control: ControlDeps): void {
  const all = '/vaults/:vaultName/secrets';
  const one = `${all}/:secretName`;
  const bodyOf = (secret: VaultSecret, version = ''): object => ({
    id: vaultSecretUrl(control, secret) + version,
    attributes: { enabled: true, created: Math.floor(secret.createdAt.getTime() / 1000) },
  });

  router.inRegistry(
    { method: 'GET', path: all, action: `${kind}/read`, versions },
    async ({ registry, params: { vaultName = '' }, query }) => {
      const { secrets, nextAfter } = await listVaultSecrets(
        control,
        registry,
        vaultName,
        readNamePage(query),
      );
      const url = `${control.config.publicUrl}${registryResourceId(registry)}/vaults/${vaultName}/secrets`;
      return { value: secrets.map((each) => bodyOf(each)), ...nextNamePage(url, query, nextAfter) };
    },
  );
  router.inRegistry(
    { method: 'PUT', path: one, action: `${kind}/write`, versions },
    async ({ registry, params: { vaultName = '', secretName = '' }, body }) => {
      const { value } = check(vaultSecret, body);
      const secret = await setVaultSecret(control, registry, vaultName, secretName, value);
      return bodyOf(secret, `/${secret.version}`);
    },
  );
  router.inRegistry(
    { method: 'DELETE', path: one, action: `${kind}/delete`, versions },
    async ({ registry, params: { vaultName = '', secretName = '' }, reply }) => {
      const wasThere = await removeVaultSecret(control, registry, vaultName, secretName);
      if (!wasThere) return reply.code(204).send();
      return {};
    },
  );
}
