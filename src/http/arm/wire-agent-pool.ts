import { agentPoolResourceId, type AgentPool, type Registry } from '../../model/index.ts';

/** An agent pool as the specification's AgentPool. */
export function agentPoolBody(registry: Registry, pool: AgentPool) {
  const { name, location, tags, count, tier, os, provisioningState, systemData } = pool;
  return {
    type: 'Microsoft.ContainerRegistry/registries/agentPools',
    id: agentPoolResourceId(registry, name),
    name,
    location,
    tags,
    systemData,
    properties: { count, tier, os, provisioningState },
  };
}
