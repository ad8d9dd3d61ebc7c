import type { Registry } from '../../model/index.ts';
import { check, task as taskSchema } from '../../spec/index.ts';
import type { OpenTask } from './tasks.ts';

const systemData = {
  createdBy: 'me',
  createdByType: 'Application',
  createdAt: '2026-01-01T00:00:00Z',
  lastModifiedBy: 'me',
  lastModifiedByType: 'Application',
  lastModifiedAt: '2026-01-01T00:00:00Z',
} as const;

/** A registry for tests of the pure parts. */
export const testRegistry: Registry = {
  registryId: '11111111-1111-1111-1111-111111111111',
  subscriptionId: '22222222-2222-2222-2222-222222222222',
  resourceGroupName: 'Group',
  name: 'Registry1',
  location: 'local',
  sku: 'Premium',
  tags: {},
  isAdminUserEnabled: false,
  properties: {},
  loginServer: 'localhost:5001',
  loginPort: 5001,
  systemData,
  createdAt: new Date('2026-01-01T00:00:00Z'),
};

/** A task with these properties, as its request is checked. */
export function testTask(properties: object): OpenTask {
  const checked = check(taskSchema, {
    location: 'local',
    properties: { platform: { os: 'Linux', architecture: 'arm64' }, ...properties },
  });
  return {
    registryId: testRegistry.registryId,
    name: 'Build-App',
    location: 'local',
    tags: {},
    properties: checked.properties,
    baseImageDependencies: [],
    systemData,
    creationDate: testRegistry.createdAt,
  };
}
