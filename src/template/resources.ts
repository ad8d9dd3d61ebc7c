import { at, ExpressionError, invalidTemplate, shown } from './error.ts';
import { evaluateValue, type Scope } from './evaluate.ts';
import { isArray, isObject, typeName, type Json, type JsonObject } from './json.ts';
import { copyCount, maxCopies } from './member-copy.ts';
import { childId } from './resource-id.ts';
import type { Surroundings } from './surroundings.ts';
import type { ResourceDefinition } from './template.ts';

/** One resource that a template describes; a copy loop makes many. */
export interface TemplateResource {
  readonly path: string;
  readonly symbolicName: string | undefined;
  /** The name of its copy loop. */
  readonly loopName: string | undefined;
  readonly id: string;
  readonly type: string;
  /** With the names of its parents: `registry/task`. */
  readonly name: string;
  readonly apiVersion: string;
  /** Only referred to, not made. */
  readonly isExisting: boolean;
  /** What `condition` says. */
  readonly isWanted: boolean;
  readonly definition: JsonObject;
  readonly scope: Scope;
  /** What `dependsOn` says: ids, names, symbolic names, names of loops. */
  readonly dependsOn: readonly string[];
  /** Ids of the batch before it, in a loop whose copies are made in turns. */
  readonly batchBefore: readonly string[];
}

/** Every resource of a template with its copies and children. @throws ServiceError 400 `InvalidTemplate`. */
export function expandResources(
  definitions: readonly ResourceDefinition[],
  scope: Scope,
  surroundings: Surroundings,
): TemplateResource[] {
  const resources = definitions.flatMap((each) => expand(each, undefined, scope, surroundings));
  if (resources.length > maxCopies) {
    throw invalidTemplate('resources', `they are ${resources.length}; at most ${maxCopies} are allowed`);
  }
  const seen = new Set<string>();
  for (const { id, path, isWanted } of resources) {
    if (!isWanted) continue;
    if (seen.has(id.toLowerCase())) {
      throw invalidTemplate(path, `the resource '${id}' is defined more than once in the template`);
    }
    seen.add(id.toLowerCase());
  }
  return resources;
}

interface Parent {
  readonly type: string;
  readonly name: string;
}

function expand(
  resource: ResourceDefinition,
  parent: Parent | undefined,
  scope: Scope,
  surroundings: Surroundings,
): TemplateResource[] {
  const { path, definition } = resource;
  const { copy } = definition;
  if (copy === undefined) return expandOne(resource, parent, undefined, scope, surroundings);
  if (!isObject(copy) || typeof copy.name !== 'string') {
    throw invalidTemplate(`${path}.copy`, 'it must be an object with name and count');
  }
  const loopName = copy.name;
  const countPath = `${path}.copy.count`;
  const count = copyCount(evaluateValue(copy.count ?? null, scope, countPath), countPath);
  const copies = Array.from({ length: count }, (_, index) => {
    const copyIndexes = new Map(scope.copyIndexes).set('', index).set(loopName.toLowerCase(), index);
    return expandOne(resource, parent, loopName, { ...scope, copyIndexes }, surroundings);
  });
  if (typeof copy.mode !== 'string' || copy.mode.toLowerCase() !== 'serial') return copies.flat();
  const size = typeof copy.batchSize === 'number' && copy.batchSize >= 1 ? Math.floor(copy.batchSize) : 1;
  return copies.flatMap((each, index) => {
    const start = index - (index % size);
    const batchBefore = copies
      .slice(Math.max(0, start - size), start)
      .flatMap((made) => made.map(({ id }) => id));
    return each.map((one) => ({ ...one, batchBefore }));
  });
}

function expandOne(
  { path, symbolicName, definition }: ResourceDefinition,
  parent: Parent | undefined,
  loopName: string | undefined,
  scope: Scope,
  surroundings: Surroundings,
): TemplateResource[] {
  const text = (member: string): string => {
    const memberPath = `${path}.${member}`;
    const value = evaluateValue(definition[member] ?? null, scope, memberPath);
    if (typeof value === 'string' && value !== '') return value;
    throw invalidTemplate(
      memberPath,
      `it is ${typeName(value)} ${shown(value)}; it must be a text that is not empty`,
    );
  };
  if (definition.scope !== undefined) {
    throw invalidTemplate(`${path}.scope`, 'resources of another scope are not supported');
  }
  const type = parent && !text('type').includes('.') ? `${parent.type}/${text('type')}` : text('type');
  const name = parent && !text('name').includes('/') ? `${parent.name}/${text('name')}` : text('name');
  const condition = evaluateValue(definition.condition ?? true, scope, `${path}.condition`);
  if (typeof condition !== 'boolean') {
    throw invalidTemplate(`${path}.condition`, `it is ${typeName(condition)}; it must be a bool`);
  }
  const { subscription, resourceGroup } = surroundings;
  const subscriptionId =
    definition.subscriptionId === undefined ? subscription.subscriptionId : text('subscriptionId');
  const group = definition.resourceGroup === undefined ? resourceGroup.name : text('resourceGroup');
  const one: TemplateResource = {
    path,
    symbolicName,
    loopName,
    id: at(`${path}.name`, () =>
      childId(
        `/subscriptions/${checkedNames(subscriptionId)[0]}/resourceGroups/${checkedNames(group)[0]}`,
        checkedNames(type).join('/'),
        checkedNames(name),
      ),
    ),
    type,
    name,
    apiVersion: text('apiVersion'),
    isExisting: definition.existing === true,
    isWanted: condition,
    definition,
    scope,
    dependsOn: dependenciesOf(definition, scope, path),
    batchBefore: [],
  };
  const { resources: children = [] } = definition;
  if (!isArray(children)) throw invalidTemplate(`${path}.resources`, 'it must be an array');
  return [
    one,
    ...children.flatMap((child: Json, index) => {
      const childPath = `${path}.resources[${index}]`;
      if (!isObject(child)) throw invalidTemplate(childPath, 'it must be an object');
      const place = { path: childPath, symbolicName: undefined, definition: child };
      return expand(place, { type, name }, scope, surroundings);
    }),
  ];
}

/** Names become part of a path: nothing in them may lead elsewhere. */
function checkedNames(name: string): string[] {
  const names = name.split('/');
  for (const each of names) {
    if (/^[\p{L}\p{N}_.()\- ]+$/u.test(each) && !/^\.+$/.test(each)) continue;
    throw new ExpressionError(`the name ${shown(name)} has a part that is no name: ${shown(each)}`);
  }
  return names;
}

function dependenciesOf(definition: JsonObject, scope: Scope, path: string): string[] {
  const dependsOn = evaluateValue(definition.dependsOn ?? [], scope, `${path}.dependsOn`);
  if (!isArray(dependsOn)) throw invalidTemplate(`${path}.dependsOn`, 'it must be an array');
  return dependsOn.map((each, index) => {
    if (typeof each === 'string') return each;
    throw invalidTemplate(`${path}.dependsOn[${index}]`, `it is ${typeName(each)}; it must be a text`);
  });
}
