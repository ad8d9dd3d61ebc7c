import type { Static } from 'typebox';
import { agentPoolTiers, operatingSystems } from '../../model/index.ts';
import { integer, list, object, optional, text, word } from '../members.ts';
import { patchOf } from '../patch.ts';
import { location, provisioningState, resourceMembers, tags } from './common.ts';

const count = integer({
  minimum: 0,
  maximum: 100,
  default: 1,
  description: 'How many agents; 0 pauses the pool.',
});

/** The body of AgentPools_Create, and an agent pool as it is answered. */
export const agentPool = object(
  {
    ...resourceMembers,
    location,
    tags: optional(tags),
    properties: object(
      {
        count,
        tier: word(agentPoolTiers, { default: 'S2' }),
        os: word(operatingSystems, { default: 'Linux' }),
        virtualNetworkSubnetResourceId: optional(text()),
        provisioningState,
      },
      { default: {} },
    ),
  },
  { $id: 'AgentPool' },
);

/** The body of AgentPools_Update; merged into an agent pool by `mergePatch(agentPool, …)`. */
export const agentPoolUpdate = patchOf(
  object({ tags: optional(tags), properties: object({ count }) }, { $id: 'AgentPool' }),
);

export const agentPoolListResult = object(
  { value: list(agentPool), nextLink: optional(text()) },
  { $id: 'AgentPoolListResult' },
);

export const agentPoolQueueStatus = object({ count: integer() }, { $id: 'AgentPoolQueueStatus' });

export type AgentPoolBody = Static<typeof agentPool>;
