import { flag, objectOf, read, refuse, text, textMap, word, type Reader } from './read.ts';

const skus = ['Basic', 'Standard', 'Premium'] as const;

/** What a PUT or PATCH of a registry says; a member that it leaves out is undefined. */
export interface RegistryRequest {
  readonly sku: string | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly isAdminUserEnabled: boolean | undefined;
}

function members(reader: Reader, isNew: boolean): RegistryRequest {
  const sku = objectOf(reader, 'sku', { isRequired: isNew });
  const properties = objectOf(reader, 'properties');
  if (properties) refuseUnsupported(properties);
  return {
    sku: sku && word(sku, 'name', skus, { isRequired: true }),
    tags: textMap(reader, 'tags'),
    isAdminUserEnabled: properties && flag(properties, 'adminUserEnabled'),
  };
}

/** Settings that would change who may reach a registry are refused rather than taken and not kept. */
function refuseUnsupported(properties: Reader): void {
  const unsupported = [
    ['anonymousPullEnabled', false, 'anonymous pulls'],
    ['dataEndpointEnabled', false, 'dedicated data endpoints'],
    ['publicNetworkAccess', 'enabled', 'network rules; use the firewall of its machine'],
    ['zoneRedundancy', 'disabled', 'availability zones'],
  ] as const;
  for (const [name, supported, what] of unsupported) {
    const value = properties.value[name] ?? supported;
    const isSupported = typeof value === 'string' ? value.toLowerCase() === supported : value === supported;
    if (!isSupported)
      refuse(properties, name, `must be ${supported}: a Slipway registry has no ${what}`, 'NotSupported');
  }
  const encryption = objectOf(properties, 'encryption');
  if (encryption && word(encryption, 'status', ['disabled', 'enabled']) === 'enabled') {
    refuse(encryption, 'status', 'must be disabled: encrypt the disk of the data directory', 'NotSupported');
  }
}

/** The body of a registry's PUT. @throws ServiceError 400. */
export function readNewRegistry(body: unknown): RegistryRequest & { readonly location: string } {
  return read(body, (reader) => ({
    location: text(reader, 'location', { isRequired: true, maxLength: 100 }) ?? '',
    ...members(reader, true),
  }));
}

/** The body of a registry's PATCH. @throws ServiceError 400. */
export function readRegistryPatch(body: unknown): RegistryRequest {
  return read(body, (reader) => members(reader, false));
}
