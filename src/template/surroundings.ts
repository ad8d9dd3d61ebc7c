import type { JsonObject } from './json.ts';

/** Where a template is deployed, for `resourceGroup()`, `subscription()` and the like. */
export interface Surroundings {
  readonly subscription: JsonObject & { readonly subscriptionId: string };
  readonly resourceGroup: JsonObject & { readonly name: string };
  readonly tenant: JsonObject;
  readonly environment: JsonObject;
  readonly deploymentName: string;
  readonly location: string;
  readonly now: Date;
  readonly newId: () => string;
}
