import { invalidTemplate, shown } from './error.ts';
import { isArray, isObject, isTooDeep, member, typeName, type Json, type JsonObject } from './json.ts';

/** A template whose parts are of the right shape; what is in them is not looked at yet. */
export interface Template {
  readonly parameters: Readonly<Record<string, JsonObject>>;
  readonly definitions: JsonObject;
  /** Functions of the template, by `namespace.name` in lower case. */
  readonly functions: ReadonlyMap<string, JsonObject>;
  readonly variables: JsonObject;
  readonly resources: readonly ResourceDefinition[];
  readonly outputs: Readonly<Record<string, JsonObject>>;
  /** `languageVersion` 2.0: resources have symbolic names. */
  readonly isSymbolic: boolean;
  readonly contentVersion: string;
}

export interface ResourceDefinition {
  /** `resources[0]`, `resources.registry`. */
  readonly path: string;
  readonly symbolicName: string | undefined;
  readonly definition: JsonObject;
}

const known = [
  ...['$schema', 'contentVersion', 'apiProfile', 'languageVersion', 'metadata', 'definitions'],
  ...['parameters', 'functions', 'variables', 'resources', 'outputs', 'extensions', 'imports'],
];

/** ARM's limits of a template. */
const limits = { parameters: 256, variables: 256, resources: 800, outputs: 64 };

/** @throws ServiceError 400 `InvalidTemplate`. */
export function readTemplate(value: unknown): Template {
  if (!isObject(value)) throw invalidTemplate('', `the template is ${typeName(value)}; it must be an object`);
  if (isTooDeep(value)) throw invalidTemplate('', 'the template is nested too deep');
  for (const name of Object.keys(value)) {
    if (known.some((each) => each.toLowerCase() === name.toLowerCase())) continue;
    throw invalidTemplate(name, `a template has no member ${shown(name)}; it may have: ${known.join(', ')}`);
  }
  const schema = member(value, '$schema');
  if (typeof schema === 'string' && !/\/deploymentTemplate\.json#?$/i.test(schema)) {
    throw invalidTemplate(
      '$schema',
      `the schema is ${shown(schema)}; deployments to a resource group have .../deploymentTemplate.json#`,
    );
  }
  const version = member(value, 'contentVersion');
  return {
    parameters: objectsOf(value, 'parameters', limits.parameters),
    definitions: objectsOf(value, 'definitions', limits.parameters),
    functions: functionsOf(value),
    variables: objectOf(value, 'variables', limits.variables),
    resources: resourcesOf(value),
    outputs: objectsOf(value, 'outputs', limits.outputs),
    isSymbolic: isObject(member(value, 'resources')),
    contentVersion: typeof version === 'string' ? version : '1.0.0.0',
  };
}

function objectOf(template: JsonObject, name: string, limit: number): JsonObject {
  const value = member(template, name) ?? {};
  if (!isObject(value)) throw invalidTemplate(name, `it is ${typeName(value)}; it must be an object`);
  const count = Object.keys(value).length;
  if (count > limit) throw invalidTemplate(name, `there are ${count}; at most ${limit} are allowed`);
  return value;
}

function objectsOf(template: JsonObject, name: string, limit: number): Readonly<Record<string, JsonObject>> {
  const all = objectOf(template, name, limit);
  for (const [key, value] of Object.entries(all)) {
    if (!isObject(value)) {
      throw invalidTemplate(`${name}.${key}`, `it is ${typeName(value)}; it must be an object`);
    }
  }
  return all as Readonly<Record<string, JsonObject>>; // each was looked at
}

function resourcesOf(template: JsonObject): ResourceDefinition[] {
  const resources = member(template, 'resources') ?? [];
  const entries: [string, string | undefined, Json][] = isArray(resources)
    ? resources.map((each, index) => [`resources[${index}]`, undefined, each])
    : Object.entries(objectOf(template, 'resources', limits.resources)).map(([name, each]) => [
        `resources.${name}`,
        name,
        each,
      ]);
  if (entries.length > limits.resources) {
    throw invalidTemplate(
      'resources',
      `there are ${entries.length}; at most ${limits.resources} are allowed`,
    );
  }
  return entries.map(([path, symbolicName, definition]) => {
    if (isObject(definition)) return { path, symbolicName, definition };
    throw invalidTemplate(path, `it is ${typeName(definition)}; it must be an object`);
  });
}

function functionsOf(template: JsonObject): Map<string, JsonObject> {
  const namespaces = member(template, 'functions') ?? [];
  if (!isArray(namespaces)) throw invalidTemplate('functions', 'it must be an array of namespaces');
  return new Map(
    namespaces.flatMap((each, index) => {
      const path = `functions[${index}]`;
      if (!isObject(each) || typeof each.namespace !== 'string' || !isObject(each.members)) {
        throw invalidTemplate(path, 'it must have a namespace and members');
      }
      const { namespace } = each;
      return Object.entries(each.members).map(([name, body]): [string, JsonObject] => {
        if (isObject(body)) return [`${namespace}.${name}`.toLowerCase(), body];
        throw invalidTemplate(`${path}.members.${name}`, 'it must be an object');
      });
    }),
  );
}
