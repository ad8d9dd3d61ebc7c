import { registryResourceId, type Registry } from '../../model/index.ts';
import { wireTime } from './wire-time.ts';

/** A registry as ARM answers it; what was never set has the service's default. */
export function registryBody(registry: Registry) {
  const { name, location, tags, sku, systemData, createdAt, loginServer, isAdminUserEnabled } = registry;
  const untouched = wireTime(createdAt);
  return {
    sku: { name: sku, tier: sku },
    type: 'Microsoft.ContainerRegistry/registries',
    id: registryResourceId(registry),
    name,
    location,
    tags,
    systemData,
    properties: {
      loginServer,
      creationDate: untouched,
      provisioningState: 'Succeeded',
      adminUserEnabled: isAdminUserEnabled,
      policies: {
        quarantinePolicy: { status: 'disabled' },
        trustPolicy: { type: 'Notary', status: 'disabled' },
        retentionPolicy: { days: 7, lastUpdatedTime: untouched, status: 'disabled' },
        exportPolicy: { status: 'enabled' },
        azureADAuthenticationAsArmPolicy: { status: 'enabled' },
      },
      encryption: { status: 'disabled' },
      dataEndpointEnabled: false,
      dataEndpointHostNames: [],
      privateEndpointConnections: [],
      publicNetworkAccess: 'Enabled',
      networkRuleBypassOptions: 'AzureServices',
      zoneRedundancy: 'Disabled',
      anonymousPullEnabled: false,
      ...registry.properties,
    },
  };
}
