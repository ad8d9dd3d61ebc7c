import { registryResourceId, type Registry, type SystemData } from './registry.ts';

const gibibyte = 1024 ** 3;

/** What each agent of a tier gives to a run. Source: the tiers of the hosted service. */
export const agentPoolTierLimits = {
  S1: { cpu: 2, memoryBytes: 3 * gibibyte },
  S2: { cpu: 4, memoryBytes: 8 * gibibyte },
  S3: { cpu: 8, memoryBytes: 16 * gibibyte },
  I6: { cpu: 64, memoryBytes: 216 * gibibyte },
} as const satisfies Record<string, RunLimits>;

export type AgentPoolTier = keyof typeof agentPoolTierLimits;

export const agentPoolTiers = Object.keys(agentPoolTierLimits) as readonly AgentPoolTier[]; // the keys are literal

/** What a run may take of its agent's machine; without a member, all that is there. */
export interface RunLimits {
  readonly cpu?: number;
  readonly memoryBytes?: number;
}

/** What a run asks for when nobody says otherwise; every client sends it. */
export const defaultCpu = 2;

/**
 * The limits of a run: its pool's tier, or on the default pool the CPUs that somebody asked for. The
 * default holds nothing: a machine of one's own is there to be used.
 */
export function runLimits(tier: AgentPoolTier | undefined, cpu: number): RunLimits {
  if (tier !== undefined) return agentPoolTierLimits[tier];
  return cpu === defaultCpu ? {} : { cpu };
}

export type AgentPoolState = 'Creating' | 'Updating' | 'Deleting' | 'Succeeded' | 'Failed';

/** Agents of a registry that perform its runs which name the pool. */
export interface AgentPool {
  readonly poolId: string;
  readonly registryId: string;
  readonly registryName: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  /** How many agents are wanted; 0 pauses the pool. */
  readonly count: number;
  readonly tier: AgentPoolTier;
  readonly os: string;
  readonly provisioningState: AgentPoolState;
  /** When its state last changed. */
  readonly changedAt: Date;
  readonly systemData: SystemData;
}

/** `/subscriptions/…/registries/{registry}/agentPools/{name}`. */
export function agentPoolResourceId(
  registry: Pick<Registry, 'subscriptionId' | 'resourceGroupName' | 'name'>,
  name: string,
): string {
  return `${registryResourceId(registry)}/agentPools/${name}`;
}

/** `registry/pool`: what an agent joins. */
export function agentPoolPlace(pool: Pick<AgentPool, 'registryName' | 'name'>): string {
  return `${pool.registryName}/${pool.name}`;
}
