import { text } from './members.ts';
import { groupPath, registryPath, retryAfter, subscriptionPath, type Operation } from './operation.ts';
import {
  checkNameAvailabilityRequest,
  nameAvailability,
  regenerateCredentialRequest,
  registry,
  registryCredentials,
  registryListResult,
  registryUpdate,
  registryUsageListResult,
} from './schemas/registry.ts';
import { resourceGroup, resourceGroupListResult, resourceGroupUpdate } from './schemas/resource-group.ts';

const provider = '/providers/Microsoft.ContainerRegistry';

const resourceGroupOperations: readonly Operation[] = [
  {
    operationId: 'ResourceGroups_List',
    method: 'get',
    path: `${subscriptionPath}/resourceGroups`,
    summary: 'Lists the resource groups of a subscription.',
    responses: { 200: { body: resourceGroupListResult } },
  },
  {
    operationId: 'ResourceGroups_CheckExistence',
    method: 'head',
    path: groupPath,
    summary: 'Says whether there is a resource group.',
    responses: { 204: {}, 404: {} },
  },
  {
    operationId: 'ResourceGroups_Get',
    method: 'get',
    path: groupPath,
    summary: 'Gets a resource group.',
    responses: { 200: { body: resourceGroup } },
  },
  {
    operationId: 'ResourceGroups_CreateOrUpdate',
    method: 'put',
    path: groupPath,
    summary: 'Makes a resource group, or replaces its tags.',
    request: resourceGroup,
    responses: { 200: { body: resourceGroup }, 201: { body: resourceGroup } },
  },
  {
    operationId: 'ResourceGroups_Update',
    method: 'patch',
    path: groupPath,
    summary: 'Changes the tags of a resource group.',
    request: resourceGroupUpdate,
    responses: { 200: { body: resourceGroup } },
  },
  {
    operationId: 'ResourceGroups_Delete',
    method: 'delete',
    path: groupPath,
    summary: 'Deletes a resource group with what is in it.',
    responses: {
      202: {
        headers: {
          Location: text({ description: 'Where the end of the operation can be asked for.' }),
          'Retry-After': retryAfter,
        },
      },
    },
  },
];

/** The operations of the resources in which tasks and runs live. */
export const registryOperations: readonly Operation[] = [
  {
    operationId: 'Registries_List',
    method: 'get',
    path: `${subscriptionPath}${provider}/registries`,
    summary: 'Lists the registries of a subscription.',
    responses: { 200: { body: registryListResult } },
  },
  {
    operationId: 'Registries_ListByResourceGroup',
    method: 'get',
    path: `${groupPath}${provider}/registries`,
    summary: 'Lists the registries of a resource group.',
    responses: { 200: { body: registryListResult } },
  },
  {
    operationId: 'Registries_CheckNameAvailability',
    method: 'post',
    path: `${subscriptionPath}${provider}/checkNameAvailability`,
    summary: 'Says whether a registry may have a name.',
    request: checkNameAvailabilityRequest,
    responses: { 200: { body: nameAvailability } },
  },
  {
    operationId: 'Registries_Get',
    method: 'get',
    path: registryPath,
    summary: 'Gets a registry.',
    responses: { 200: { body: registry } },
  },
  {
    operationId: 'Registries_Create',
    method: 'put',
    path: registryPath,
    summary: 'Makes a registry, or replaces its settings.',
    request: registry,
    responses: { 200: { body: registry }, 201: { body: registry } },
  },
  {
    operationId: 'Registries_Update',
    method: 'patch',
    path: registryPath,
    summary: 'Changes settings of a registry.',
    request: registryUpdate,
    responses: { 200: { body: registry } },
  },
  {
    operationId: 'Registries_Delete',
    method: 'delete',
    path: registryPath,
    summary: 'Deletes a registry with its images and runs.',
    responses: { 200: {}, 204: {} },
  },
  {
    operationId: 'Registries_ListUsages',
    method: 'get',
    path: `${registryPath}/listUsages`,
    summary: 'Says what a registry uses of its limits.',
    responses: { 200: { body: registryUsageListResult } },
  },
  {
    operationId: 'Registries_ListCredentials',
    method: 'post',
    path: `${registryPath}/listCredentials`,
    summary: 'Gets the admin user with its passwords.',
    responses: { 200: { body: registryCredentials } },
  },
  {
    operationId: 'Registries_RegenerateCredential',
    method: 'post',
    path: `${registryPath}/regenerateCredential`,
    summary: 'Replaces one of the passwords of the admin user.',
    request: regenerateCredentialRequest,
    responses: { 200: { body: registryCredentials } },
  },
  ...resourceGroupOperations,
];
