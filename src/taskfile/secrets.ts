import type { Fields } from './fields.ts';
import type { TaskSecret } from './task.ts';

/** The secrets that a task names. @throws ServiceError 400 `InvalidTaskFile`. */
export function readSecrets(task: Fields): TaskSecret[] {
  const ids = new Set<string>();
  return task.maps('secrets').map((secret) => {
    const id = secret.text('id') ?? secret.fail('id', 'is missing; a secret needs one');
    if (ids.has(id)) secret.fail('id', `is ${JSON.stringify(id)}: duplicate secret found with that id`);
    ids.add(id);
    const keyvault =
      secret.text('keyvault') ??
      secret.fail('keyvault', `is missing; it is the URL of a secret in a vault, for secret ${id}`);
    if (!URL.canParse(keyvault))
      secret.fail(
        'keyvault',
        `is ${JSON.stringify(keyvault)}; it must be the URL of a secret, such as https://my.vault.azure.net/secrets/password`,
      );
    const clientId = secret.text('clientID');
    secret.end();
    return { id, keyvault, ...(clientId !== undefined && { clientId }) };
  });
}
