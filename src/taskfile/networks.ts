import type { Fields } from './fields.ts';
import { defaultNetworkName, type TaskNetwork } from './task.ts';

export interface Networks {
  readonly networks: readonly TaskNetwork[];
  /** The one that steps join unless they name another. */
  readonly defaultName: string;
  /** The file has no default network; it was added. */
  readonly isDefaultAdded: boolean;
}

/** Docker's own; they are always there. */
const builtIn = ['host', 'none', 'bridge'];

/** The networks of a task; without a default one among them, `acb_default_network` comes to them. */
export function readNetworks(task: Fields): Networks {
  let defaultName: string | undefined;
  const networks: TaskNetwork[] = [];
  for (const network of task.maps('networks')) {
    const name = network.text('name') ?? '';
    if (name === '') network.fail('name', 'is missing; a network needs one');
    if (networks.some((other) => other.name === name))
      network.fail('name', `is ${JSON.stringify(name)}, as that of another network`);
    networks.push({
      name,
      driver: network.text('driver') || 'bridge',
      hasIpv6: network.flag('ipv6') ?? false,
      isCreationSkipped: network.flag('skipCreation') ?? false,
    });
    if (network.flag('isDefault')) defaultName = name;
    network.end();
  }
  if (defaultName !== undefined || networks.some(({ name }) => name === defaultNetworkName))
    return { networks, defaultName: defaultName ?? defaultNetworkName, isDefaultAdded: false };
  const made = { name: defaultNetworkName, driver: 'bridge', hasIpv6: false, isCreationSkipped: false };
  return { networks: [...networks, made], defaultName: defaultNetworkName, isDefaultAdded: true };
}

/** The network of a step, by its name in the task. */
export function stepNetwork(step: Fields, { networks, defaultName }: Networks): string {
  const name = step.text('network') || defaultName;
  const known = [...networks.map((network) => network.name), ...builtIn];
  if (!known.includes(name))
    step.fail(
      'network',
      `is ${JSON.stringify(name)}, which the task does not have; there are ${known.join(', ')}`,
    );
  return name;
}
