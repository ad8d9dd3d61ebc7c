export { LookupNeeded, lookupKey, type Lookup } from './error.ts';
export { toPlainJson } from './extended-json.ts';
export { isObject, type Json, type JsonObject } from './json.ts';
export { resolveParameters, type ParameterValues } from './parameters.ts';
export { planDeployment, secretTexts, type KnownValues, type Plan, type PlannedResource } from './plan.ts';
export { typeOfId } from './resource-id.ts';
export type { Surroundings } from './surroundings.ts';
export { readTemplate, type Template } from './template.ts';
