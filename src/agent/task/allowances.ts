import { ServiceError } from '../../model/index.ts';
import type { Step, Task } from '../../taskfile/index.ts';
import { networkOf, type StepNetwork } from './networks.ts';

/** What a pool lets the steps of its runs do with the machine. */
export interface Allowances {
  /** `privileged` steps, and the machine's own network. */
  readonly isPrivilegedAllowed: boolean;
  /** The engine's socket is in every cmd step, as the hosted service has it. */
  readonly isDockerSocketAllowed: boolean;
}

/** @throws ServiceError 400 `NotAllowed`: which step wants what, and what allows it. */
export function requireAllowed(task: Task, { isPrivilegedAllowed }: Allowances): void {
  if (isPrivilegedAllowed) return;
  for (const step of task.steps) {
    const wanted = privilegeOf(task, step);
    if (wanted === undefined) continue;
    throw new ServiceError(
      400,
      'NotAllowed',
      `step ${step.id} ${wanted}, which is not allowed here: it would own the machine; ` +
        'run it in a pool whose agents have --allow-privileged, or SLIPWAY_ALLOW_PRIVILEGED, set',
    );
  }
}

function privilegeOf(task: Task, step: Step): string | undefined {
  if (step.kind === 'cmd' && step.isPrivileged) return 'is privileged';
  if (step.kind === 'cmd' && isHost(networkOf(task, step))) return 'wants the network host';
  if (step.kind === 'build' && step.command.network === 'host') return 'builds in the network host';
  return undefined;
}

function isHost(network: StepNetwork): boolean {
  return 'engineName' in network && network.engineName === 'host';
}

const socketTrouble = /docker\.sock|Cannot connect to the Docker daemon/;

/** A line of help for a step whose output says that it misses the engine's socket. */
export function socketHint(stepId: string, output: string, allowances: Allowances): string | undefined {
  if (allowances.isDockerSocketAllowed || !socketTrouble.test(output)) return undefined;
  return (
    `Step ID: ${stepId} looks for the Docker engine, whose socket steps do not have here; ` +
    'run it in a pool whose agents have --allow-docker-socket, or SLIPWAY_ALLOW_DOCKER_SOCKET, set'
  );
}
