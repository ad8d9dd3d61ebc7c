import { ServiceError } from '../../model/index.ts';

const rules = {
  subscriptionId: [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'InvalidSubscriptionId', 'a UUID'],
  resourceGroupName: [
    /^[\p{L}\p{N}_.()-]{0,89}[\p{L}\p{N}_()-]$/u,
    'InvalidResourceGroupName',
    '1 to 90 letters, digits, or -_.() and not end in a period',
  ],
  registryName: [/^[a-zA-Z0-9]{5,50}$/, 'InvalidResourceName', '5 to 50 letters and digits'],
  runId: [/^[a-zA-Z0-9]{1,50}$/, 'InvalidResourceName', 'letters and digits'],
} as const;

/** Checks the parts of a resource id. @throws ServiceError 400 that names the part and its rule. */
export function checkName(kind: keyof typeof rules, value: string): void {
  const [pattern, code, rule] = rules[kind];
  if (pattern.test(value)) return;
  const given = JSON.stringify(value.slice(0, 200));
  throw new ServiceError(400, code, `The ${kind} is ${given}; it must be ${rule}.`, { target: kind });
}
