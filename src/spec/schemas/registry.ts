import { Type, type Static } from 'typebox';
import {
  anyObject,
  dateTime,
  filledText,
  flag,
  integer,
  list,
  object,
  optional,
  readOnly,
  text,
  word,
} from '../members.ts';
import { patchOf } from '../patch.ts';
import { location, provisioningState, resourceMembers, tags } from './common.ts';

const skus = ['Basic', 'Standard', 'Premium'] as const;

/** Settings that would change who may reach a registry are refused rather than taken and not kept. */
const only = <V extends string | boolean>(value: V, what: string) => ({
  supported: { value, because: `a Slipway registry has no ${what}` },
});

const encryption = object({
  status: optional(
    word(['enabled', 'disabled'] as const, {
      supported: { value: 'disabled', because: 'encrypt the disk of the data directory' },
    }),
  ),
});

const properties = object(
  {
    adminUserEnabled: flag({ default: false, description: 'Whether the admin user may log in.' }),
    anonymousPullEnabled: optional(flag(only(false, 'anonymous pulls'))),
    dataEndpointEnabled: optional(flag(only(false, 'dedicated data endpoints'))),
    publicNetworkAccess: optional(
      word(
        ['Enabled', 'Disabled', 'SecuredByPerimeter'] as const,
        only('Enabled', 'network rules; use the firewall of its machine'),
      ),
    ),
    zoneRedundancy: optional(word(['Enabled', 'Disabled'] as const, only('Disabled', 'availability zones'))),
    encryption: optional(encryption),
    loginServer: readOnly(text()),
    creationDate: readOnly(dateTime),
    provisioningState,
    policies: readOnly(anyObject()),
    dataEndpointHostNames: readOnly(list(text())),
    privateEndpointConnections: readOnly(list(anyObject())),
    networkRuleBypassOptions: readOnly(text()),
  },
  { default: {} },
);

/** The body of a registry's PUT, and a registry as it is answered. */
export const registry = object(
  {
    ...resourceMembers,
    location,
    sku: object({ name: word(skus), tier: readOnly(word(skus)) }, { $id: 'Sku' }),
    tags: optional(tags),
    properties,
  },
  { $id: 'Registry' },
);

const { location: _location, ...updatable } = registry.properties;

/** The body of a registry's PATCH; merged into a registry by `mergePatch(registry, …)`. */
export const registryUpdate = patchOf(object(updatable, { $id: 'Registry' }));

export const registryListResult = object(
  { value: list(registry), nextLink: optional(text()) },
  { $id: 'RegistryListResult' },
);

export const registryUsageListResult = object(
  {
    value: list(
      object(
        { name: text(), limit: integer(), currentValue: integer(), unit: text() },
        { $id: 'RegistryUsage' },
      ),
    ),
  },
  { $id: 'RegistryUsageListResult' },
);

export const checkNameAvailabilityRequest = object(
  { name: filledText(), type: word(['Microsoft.ContainerRegistry/registries'] as const) },
  { $id: 'RegistryNameCheckRequest' },
);

export const nameAvailability = object(
  { nameAvailable: Type.Boolean(), reason: optional(text()), message: optional(text()) },
  { $id: 'RegistryNameStatus' },
);

const passwordName = word(['password', 'password2'] as const);

export const regenerateCredentialRequest = object(
  { name: passwordName },
  { $id: 'RegenerateCredentialParameters' },
);

export const registryCredentials = object(
  { username: text(), passwords: list(object({ name: passwordName, value: text() })) },
  { $id: 'RegistryListCredentialsResult' },
);

export type RegistryRequest = Static<typeof registry>;
