import { object, optional } from '../members.ts';
import { location, tags } from './common.ts';

/** The body of a deployment's PUT and of its validation, without `properties`. */
export const deployment = object(
  { location: optional(location), tags: optional(tags) },
  { $id: 'Deployment' },
);
