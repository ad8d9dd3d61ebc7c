import { list, object, optional, readOnly, text } from '../members.ts';
import { patchOf } from '../patch.ts';
import { location, provisioningState, resourceMembers, tags } from './common.ts';

/** The body of a resource group's PUT, and a resource group as it is answered. */
export const resourceGroup = object(
  {
    ...resourceMembers,
    location,
    tags: optional(tags),
    properties: readOnly(object({ provisioningState })),
  },
  { $id: 'ResourceGroup' },
);

const { location: _location, ...updatable } = resourceGroup.properties;

/** The body of a resource group's PATCH. */
export const resourceGroupUpdate = patchOf(object(updatable, { $id: 'ResourceGroup' }));

export const resourceGroupListResult = object(
  { value: list(resourceGroup), nextLink: optional(text()) },
  { $id: 'ResourceGroupListResult' },
);
