import type { TString } from 'typebox';
import { ServiceError } from '../model/index.ts';
import { text } from './members.ts';
import { nodeOf } from './schema-node.ts';

/** The rule of each name in a resource id, which is also that of a name within a body. */
export const pathParameters = {
  subscriptionId: text({
    format: 'uuid',
    pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
    rule: 'a UUID',
    description: 'The ID of the subscription.',
  }),
  resourceGroupName: text({
    pattern: '^[\\p{L}\\p{N}_.()\\-]{0,89}[\\p{L}\\p{N}_()\\-]$',
    rule: '1 to 90 letters, digits, or -_.() and not end in a period',
    description: 'The name of the resource group, in any case.',
  }),
  registryName: text({
    pattern: '^[a-zA-Z0-9]{5,50}$',
    rule: '5 to 50 letters and digits',
    description: 'The name of the registry.',
  }),
  agentPoolName: text({
    pattern: '^[a-zA-Z0-9\\-]{3,20}$',
    rule: '3 to 20 letters, digits or hyphens',
    description: 'The name of the agent pool.',
  }),
  taskName: text({
    pattern: '^[a-zA-Z0-9\\-_]{5,50}$',
    rule: '5 to 50 letters, digits, hyphens or underscores',
    description: 'The name of the task.',
  }),
  taskRunName: text({
    pattern: '^[a-zA-Z0-9\\-]{5,50}$',
    rule: '5 to 50 letters, digits or hyphens',
    description: 'The name of the task run.',
  }),
  deploymentName: text({
    pattern: '^[a-zA-Z0-9_.()\\-]{1,64}$',
    rule: '1 to 64 letters, digits, or -_.()',
    description: 'The name of the deployment.',
  }),
  vaultName: text({
    pattern: '^[a-zA-Z0-9][a-zA-Z0-9\\-]{1,48}[a-zA-Z0-9]$',
    rule: '3 to 50 letters, digits or hyphens, with no hyphen first or last',
    description: 'The name of the vault.',
  }),
  secretName: text({
    pattern: '^[a-zA-Z0-9\\-]{1,127}$',
    rule: '1 to 127 letters, digits or hyphens',
    description: 'The name of the secret.',
  }),
  subscriptionName: text({
    pattern: '^[a-zA-Z0-9][a-zA-Z0-9\\-]{0,49}$',
    rule: '1 to 50 letters, digits or hyphens, with no hyphen first',
    description: 'The name of the event subscription.',
  }),
  deliveryId: text({
    pattern: '^[0-9]{1,15}$',
    rule: 'a number',
    description: 'The ID of the delivery.',
  }),
  runId: text({
    pattern: '^[a-zA-Z0-9]{1,50}$',
    rule: 'letters and digits',
    description: 'The ID of the run, unique in its registry.',
  }),
} as const satisfies Record<string, TString>;

export type PathParameter = keyof typeof pathParameters;

const codes: Partial<Record<PathParameter, string>> = {
  subscriptionId: 'InvalidSubscriptionId',
  resourceGroupName: 'InvalidResourceGroupName',
};

export function isName(kind: PathParameter, value: string): boolean {
  return new RegExp(nodeOf(pathParameters[kind]).pattern ?? '', 'u').test(value);
}

/** Checks the names in a path. @throws ServiceError 400 that says which name is wrong and its rule. */
export function checkNames(params: Readonly<Record<string, string>>): void {
  for (const [kind, schema] of Object.entries(pathParameters) as [PathParameter, TString][]) {
    const value = params[kind];
    if (value === undefined || isName(kind, value)) continue;
    throw new ServiceError(
      400,
      codes[kind] ?? 'InvalidResourceName',
      `The ${kind} is ${JSON.stringify(value.slice(0, 200))}; it must be ${nodeOf(schema).rule}.`,
      { target: kind },
    );
  }
}
