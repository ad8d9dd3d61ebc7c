import { ServiceError } from '../../model/index.ts';

/** Conditions that a resource must all meet: `resourceType eq '…'` and `name eq '…'`, joined by `and`. */
export type ResourceFilter = readonly {
  readonly property: 'type' | 'name' | 'location';
  readonly value: string;
}[];

const properties: Record<string, 'type' | 'name' | 'location'> = {
  resourcetype: 'type',
  name: 'name',
  location: 'location',
};

/** Reads `$filter` of a resources listing as clients send it. @throws ServiceError 400. */
export function parseResourceFilter(text: string | undefined): ResourceFilter {
  if (text === undefined || text.trim() === '') return [];
  return text.split(/\s+and\s+/i).map((condition) => {
    const [, name = '', value] = /^\s*\(?\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*\)?\s*$/i.exec(condition) ?? [];
    const property = properties[name.toLowerCase()];
    if (property !== undefined && value !== undefined)
      return { property, value: value.replaceAll("''", "'") };
    throw new ServiceError(
      400,
      'InvalidFilterInQueryString',
      `The $filter ${JSON.stringify(condition.slice(0, 200))} is not understood; ` +
        "it may be resourceType eq '…', name eq '…' or location eq '…', joined by and.",
      { target: '$filter' },
    );
  });
}

export function matchesResource(
  filter: ResourceFilter,
  resource: Readonly<Record<'type' | 'name' | 'location', string>>,
): boolean {
  return filter.every(({ property, value }) => resource[property].toLowerCase() === value.toLowerCase());
}
