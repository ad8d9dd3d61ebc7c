import { ExpressionError, LookupNeeded, type Lookup } from './error.ts';
import { evaluate, type Scope } from './evaluate.ts';
import { isExpression, parseExpression, type Expression } from './expression.ts';
import type { Arguments } from './functions/index.ts';
import { isArray, isObject, type Json } from './json.ts';
import { typeOfId } from './resource-id.ts';
import type { TemplateResource } from './resources.ts';

/** The resources of a template that a text means: an id, a name, a symbolic name or the name of a loop. */
export function resourcesMeant(resources: readonly TemplateResource[], text: string): TemplateResource[] {
  const wanted = text.toLowerCase();
  return resources.filter(({ id, name, symbolicName, loopName }) =>
    wanted.startsWith('/')
      ? id.toLowerCase() === wanted
      : [name, symbolicName, loopName].some((each) => each?.toLowerCase() === wanted) ||
        id.toLowerCase().endsWith(`/providers/${wanted}`) ||
        isTypeAndName(id, wanted),
  );
}

/** `Microsoft.ContainerRegistry/registries/tasks/registry/task`: type and names one after the other. */
function isTypeAndName(id: string, wanted: string): boolean {
  const type = typeOfId(id).toLowerCase();
  if (!wanted.startsWith(`${type}/`)) return false;
  const parts = (id.split('/providers/').at(-1) ?? '').toLowerCase().split('/').slice(1);
  return wanted.slice(type.length + 1) === parts.filter((_, index) => index % 2 === 1).join('/');
}

/** `reference`, `resourceInfo` and `list…`; what is not known yet is asked of `known` or thrown as LookupNeeded. */
export function referenceFunctions(
  resources: readonly TemplateResource[],
  known: (lookup: Lookup) => Json | undefined,
): ReadonlyMap<string, (args: Arguments) => Json> {
  const find = (args: Arguments) => {
    const [found] = resourcesMeant(resources, args.text(0));
    const id = found?.id ?? args.text(0);
    if (!id.startsWith('/')) args.fail(`finds no resource '${id}' in the template`);
    if (!/^\/subscriptions\/[\p{L}\p{N}_.()\-/ ]+$/u.test(id) || id.includes('/..')) {
      args.fail(`needs the id of a resource; it is '${id}'`);
    }
    const apiVersion = typeof args.any(1) === 'string' ? args.text(1) : found?.apiVersion;
    return {
      found,
      id,
      apiVersion: apiVersion ?? args.fail('needs an api-version: the resource is not in the template'),
    };
  };
  const get = (lookup: Lookup): Json => {
    const value = known(lookup);
    if (value === undefined) throw new LookupNeeded(lookup);
    return value;
  };
  return new Map<string, (args: Arguments) => Json>([
    [
      'reference',
      (args) => {
        const { id, apiVersion } = find(args);
        const resource = get({ method: 'GET', path: id, apiVersion });
        const isFull = args.all
          .slice(1)
          .some((each) => typeof each === 'string' && each.toLowerCase() === 'full');
        if (!isObject(resource)) return resource;
        return isFull ? { ...resource, apiVersion } : (resource.properties ?? {});
      },
    ],
    [
      'resourceinfo',
      (args) => {
        const { found, id } = find(args);
        return { id, name: found?.name ?? '', type: found?.type ?? '', apiVersion: found?.apiVersion ?? '' };
      },
    ],
    [
      'list*',
      (args) => {
        const { id, apiVersion } = find(args);
        return get({ method: 'POST', path: `${id}/${args.name}`, apiVersion });
      },
    ],
  ]);
}

/** The resources of the template that the expressions in a value refer to by `reference` and `list…`. */
export function referencedResources(
  value: Json,
  resources: readonly TemplateResource[],
  scope: Scope,
): TemplateResource[] {
  if (isArray(value)) return value.flatMap((each) => referencedResources(each, resources, scope));
  if (isObject(value)) {
    return Object.values(value).flatMap((each) => referencedResources(each, resources, scope));
  }
  if (typeof value !== 'string' || !isExpression(value)) return [];
  return callsIn(parseExpression(value)).flatMap(({ name, args }) => {
    const [target] = args;
    if (!target || !/^(reference|list\w+)$/i.test(name)) return [];
    const text = textOrUndefined(target, scope);
    return text === undefined ? [] : resourcesMeant(resources, text);
  });
}

function callsIn(expression: Expression): (Expression & { kind: 'call' })[] {
  if (expression.kind === 'literal') return [];
  if (expression.kind === 'member') return [...callsIn(expression.of), ...callsIn(expression.name)];
  return [expression, ...expression.args.flatMap(callsIn)];
}

/** What cannot be told before the deployment is no dependency. */
function textOrUndefined(expression: Expression, scope: Scope): string | undefined {
  try {
    const value = evaluate(expression, scope);
    return typeof value === 'string' ? value : undefined;
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof LookupNeeded) return undefined;
    throw error;
  }
}
