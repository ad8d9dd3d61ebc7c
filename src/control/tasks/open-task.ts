import type { Task } from '../../spec/index.ts';
import type { StoredTask } from '../../store/index.ts';
import type { ControlDeps } from '../deps.ts';
import { openSecrets } from '../sealed.ts';

/** A task with its secrets at hand. */
export interface OpenTask extends Omit<StoredTask, 'properties'> {
  readonly properties: Task['properties'];
}

export function openTask(deps: Pick<ControlDeps, 'sealer'>, stored: StoredTask): OpenTask {
  const properties = openSecrets(deps.sealer, stored.registryId, stored.properties);
  return { ...stored, properties: properties as Task['properties'] }; // written by settingsOf only
}
