import { ServiceError } from '../../model/index.ts';
import { defaultNetworkName, type CmdStep, type Task, type TaskNetwork } from '../../taskfile/index.ts';
import { labelsOf, type TaskRun } from './task-run.ts';

/** One that the run makes, or one that is the engine's own. */
export type StepNetwork = { readonly made: TaskNetwork } | { readonly engineName: string };

const defaultNetwork: TaskNetwork = {
  name: defaultNetworkName,
  driver: 'bridge',
  hasIpv6: false,
  isCreationSkipped: false,
};

/**
 * The network that a step joins. One that the task does not make is the engine's own: `bridge`, `host`, `none`,
 * or one that somebody made for this.
 * @throws ServiceError 400 `InvalidNetwork` for another container's network, and for that of another run.
 */
export function networkOf(task: Task, { id, network }: CmdStep): StepNetwork {
  const given = task.networks.find(({ name }) => name === network);
  const made = given ?? (network === defaultNetworkName ? defaultNetwork : undefined);
  if (made && !made.isCreationSkipped) return { made };
  // the engine takes the beginning of an id, however short, for the network
  const isForeign = network.includes(':') || /^slipway-|^[0-9a-f]+$/.test(network);
  if (!isForeign) return { engineName: network };
  throw new ServiceError(
    400,
    'InvalidNetwork',
    `step ${id} cannot join ${JSON.stringify(network)}: a network is one of the task, bridge, host, none, ` +
      'or by its name one that was made on the engine for tasks',
  );
}

/** Makes the networks that the task's steps join. @returns the engine's name for each of the task's names. */
export async function makeNetworks(run: TaskRun, task: Task): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const step of task.steps) {
    if (step.kind !== 'cmd' || names.has(step.network)) continue;
    const network = networkOf(task, step);
    if ('made' in network) await makeNetwork(run, network.made);
    names.set(step.network, 'made' in network ? nameOn(run, network.made) : network.engineName);
  }
  return names;
}

async function makeNetwork(run: TaskRun, network: TaskNetwork): Promise<void> {
  const { name, driver, hasIpv6 } = network;
  run.log.line(`Creating Docker network: ${name}, driver: '${driver}'`);
  await run.engine.createNetwork({ name: nameOn(run, network), labels: labelsOf(run), driver, hasIpv6 });
  run.log.line(`Successfully set up Docker network: ${name}`);
}

function nameOn(run: TaskRun, { name }: TaskNetwork): string {
  return `${run.name}-${name}`;
}
