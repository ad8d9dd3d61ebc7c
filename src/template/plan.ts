import { invalidTemplate, LookupNeeded, lookupKey, shown } from './error.ts';
import { evaluateValue, newBudget, type Scope } from './evaluate.ts';
import { isObject, objectOf, type Json, type JsonObject } from './json.ts';
import { deploymentType, nestedProperties } from './nested.ts';
import { inOrder } from './order.ts';
import { evaluateOutputs, wireType } from './outputs.ts';
import { isSecureType, parameterDefinition, type ParameterValues } from './parameters.ts';
import { referencedResources, referenceFunctions, resourcesMeant } from './references.ts';
import { parentId } from './resource-id.ts';
import { expandResources, type TemplateResource } from './resources.ts';
import { createScope } from './scope.ts';
import type { Surroundings } from './surroundings.ts';
import type { Template } from './template.ts';

/** Answers to lookups so far, by `lookupKey`. */
export type KnownValues = ReadonlyMap<string, Json>;

/** A resource to make. */
export interface PlannedResource {
  /** Its id in lower case. */
  readonly key: string;
  readonly path: string;
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly apiVersion: string;
  /** Keys of the planned resources that come first. */
  readonly dependsOn: readonly string[];
  /** The body of its PUT. @throws LookupNeeded, or ServiceError 400 `InvalidTemplate`. */
  readonly body: (known: KnownValues) => JsonObject;
}

/** What a template comes to with these parameters. */
export interface Plan {
  /** In an order in which they can be made. */
  readonly resources: readonly PlannedResource[];
  /** As they are answered: secure ones without their values. */
  readonly parameters: JsonObject;
  /** The texts in secure parameters, which messages must not show. */
  readonly secrets: readonly string[];
  /** The outputs as they are answered. @throws LookupNeeded, or ServiceError 400 `InvalidTemplate`. */
  readonly outputs: (known: KnownValues) => JsonObject;
}

const nothingKnown: KnownValues = new Map();

/** Plans a deployment: every expression is tried. @throws ServiceError 400 `InvalidTemplate`. */
export function planDeployment(
  template: Template,
  parameters: ParameterValues,
  surroundings: Surroundings,
): Plan {
  const parameter = (name: string): Json => parameters.get(name.toLowerCase()) ?? null;
  const base = createScope({ template, surroundings, parameter });
  const resources = expandResources(template.resources, base, surroundings);
  const wanted = resources.filter(({ isWanted, isExisting }) => isWanted && !isExisting);
  // All that planning tries shares one budget; each later evaluation has its own.
  const withLookups = (scope: Scope, known: KnownValues): Scope => ({
    ...scope,
    functions: new Map([
      ...scope.functions,
      ...referenceFunctions(resources, (lookup) => known.get(lookupKey(lookup))),
    ]),
    budget: known === nothingKnown ? base.budget : newBudget(),
  });
  const planned = inOrder(
    wanted.map((resource): PlannedResource => {
      const { path, id, type, name, apiVersion } = resource;
      return {
        key: id.toLowerCase(),
        ...{ path, id, type, name, apiVersion },
        dependsOn: dependenciesOf(resource, resources, template),
        body: (known) => bodyOf(resource, template, withLookups(resource.scope, known)),
      };
    }),
  );
  const outputs = (known: KnownValues): JsonObject =>
    evaluateOutputs(template.outputs, withLookups(base, known));
  for (const { body } of planned) tryOut(() => body(nothingKnown));
  tryOut(() => outputs(nothingKnown));
  return {
    resources: planned,
    parameters: answeredParameters(template, parameter),
    secrets: secretTexts(template, parameters),
    outputs,
  };
}

function tryOut(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof LookupNeeded)) throw error;
  }
}

function dependenciesOf(
  resource: TemplateResource,
  resources: readonly TemplateResource[],
  template: Template,
): string[] {
  const { path, definition, id, scope } = resource;
  const named = resource.dependsOn.flatMap((each, index) => {
    const meant = resourcesMeant(resources, each);
    if (meant.length > 0 || isEmptyLoop(template, each)) return meant;
    throw invalidTemplate(
      `${path}.dependsOn[${index}]`,
      `the resource ${shown(each)} is not defined in the template`,
    );
  });
  const parent = parentId(id);
  const meant = [
    ...named,
    ...[...resource.batchBefore, ...(parent === undefined ? [] : [parent])].flatMap((each) =>
      resourcesMeant(resources, each),
    ),
    ...referencedResources(ownMembers(definition), resources, scope),
  ];
  const made = meant.filter(({ isWanted, isExisting }) => isWanted && !isExisting);
  return [...new Set(made.map((each) => each.id.toLowerCase()))].filter((key) => key !== id.toLowerCase());
}

/** A loop, or a symbolic name of one, that makes no resource. */
function isEmptyLoop(template: Template, name: string): boolean {
  return template.resources.some(
    ({ symbolicName, definition: { copy } }) =>
      isObject(copy) && [symbolicName, copy.name].some((each) => each === name),
  );
}

/** Members of a template's resource that are not of the resource itself. */
const ofTheTemplate = [
  ...['type', 'apiVersion', 'name', 'dependsOn', 'condition', 'copy', 'comments', 'resources', 'existing'],
  ...['resourceGroup', 'subscriptionId', 'metadata', 'asserts'],
];

function ownMembers(definition: JsonObject): JsonObject {
  return objectOf(Object.entries(definition).filter(([name]) => !ofTheTemplate.includes(name)));
}

function bodyOf(resource: TemplateResource, template: Template, scope: Scope): JsonObject {
  const { properties, ...rest } = ownMembers(resource.definition);
  const body = evaluateValue(rest, scope, resource.path) as JsonObject; // an object in, an object out
  if (properties === undefined) return body;
  const path = `${resource.path}.properties`;
  const isNested = resource.type.toLowerCase() === deploymentType && isObject(properties);
  return {
    ...body,
    properties: isNested
      ? nestedProperties(properties, template, scope, path)
      : evaluateValue(properties, scope, path),
  };
}

function answeredParameters(template: Template, parameter: (name: string) => Json): JsonObject {
  return objectOf(
    Object.keys(template.parameters).map((name): [string, Json] => {
      const { type } = parameterDefinition(template, name);
      const answered = { type: wireType(type) };
      return [name, isSecureType(type) ? answered : { ...answered, value: parameter(name) }];
    }),
  );
}

/** The texts in secure parameters, which messages must not show. */
export function secretTexts(template: Template, parameters: ParameterValues): string[] {
  return Object.keys(template.parameters)
    .filter((name) => isSecureType(parameterDefinition(template, name).type))
    .flatMap((name) => textsIn(parameters.get(name.toLowerCase()) ?? null));
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
