import { ServiceError, type Registry } from '../../model/index.ts';

/** 404 `ResourceNotFound`, in ARM's words. `path` is what follows the provider: `registries/slipway`. */
export function resourceNotFound(
  resourceGroupName: string,
  path: string,
  options: { target?: string } = {},
): ServiceError {
  return new ServiceError(
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.ContainerRegistry/${path}' under resource group '${resourceGroupName}' was not found.`,
    options,
  );
}

/** The same for what lies in a registry: `tasks/nightly`. */
export function notFoundIn(
  registry: Registry,
  path: string,
  options: { target?: string } = {},
): ServiceError {
  return resourceNotFound(registry.resourceGroupName, `registries/${registry.name}/${path}`, options);
}
