import { ServiceError } from '../../model/index.ts';

/** A kind of resource, for the api-versions that it has had. */
export type VersionedResource = 'tasks' | 'registries' | 'resources';

const tasks = ['2018-09-01', '2019-04-01', '2019-06-01-preview', '2025-03-01-preview'];
const registries = [
  ...[
    '2017-03-01',
    '2017-06-01-preview',
    '2017-10-01',
    '2019-05-01',
    '2019-12-01-preview',
    '2020-11-01-preview',
  ],
  ...['2021-06-01-preview', '2021-08-01-preview', '2021-09-01', '2021-12-01-preview', '2022-02-01-preview'],
  ...['2022-12-01', '2023-01-01-preview', '2023-06-01-preview', '2023-07-01', '2023-08-01-preview'],
  ...[
    '2023-11-01-preview',
    '2024-11-01-preview',
    '2025-03-01-preview',
    '2025-04-01',
    '2025-11-01',
    '2026-01-01-preview',
  ],
];
/** Of subscriptions, resource groups and the like clients send many; every date since 2014 is one. */
const known: Record<VersionedResource, readonly string[]> = {
  tasks,
  registries,
  resources: ['2014-04-01', '2016-06-01', '2019-11-01', '2021-04-01', '2022-12-01'],
};

const shape = /^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i;

/** Oldest first. */
export function versionsOf(resource: VersionedResource): readonly string[] {
  return known[resource];
}

export function supportedVersions(resource: VersionedResource): string {
  return known[resource].join(', ');
}

/**
 * Accepts every version that the resource has had, and later ones: today's clients are newer than we are.
 * @throws ServiceError 400 `MissingApiVersionParameter` or `InvalidApiVersionParameter`.
 */
export function checkApiVersion(resource: VersionedResource, version: unknown): void {
  if (typeof version !== 'string' || version === '') {
    throw new ServiceError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  }
  const versions = known[resource];
  const isLater =
    shape.test(version) &&
    version.slice(0, 10) >= (versions.at(resource === 'resources' ? 0 : -1) ?? '').slice(0, 10);
  if (isLater || versions.includes(version.toLowerCase())) return;
  throw new ServiceError(
    400,
    'InvalidApiVersionParameter',
    `The api-version '${version.slice(0, 100)}' is invalid. The supported versions are '${supportedVersions(resource)}'.`,
  );
}
