import { ExpressionError } from './error.ts';
import { evaluateValue, newBudget, type Scope } from './evaluate.ts';
import { Arguments, textOf } from './functions/index.ts';
import { isArray, isObject, member, memberName, type Json } from './json.ts';
import { expandLoop } from './member-copy.ts';
import { childId } from './resource-id.ts';
import type { Surroundings } from './surroundings.ts';
import type { Template } from './template.ts';

type ScopeFunction = (args: Arguments, scope: Scope) => Json;

interface ScopeParts {
  readonly template: Template;
  readonly surroundings: Surroundings;
  /** The value of a parameter that the template has. */
  readonly parameter: (name: string) => Json;
  /** Further functions, by their names in lower case; they come first. */
  readonly extra?: ReadonlyMap<string, ScopeFunction>;
}

/** What the expressions of a template see. */
export function createScope(parts: ScopeParts): Scope {
  const { template, surroundings } = parts;
  const { subscription, resourceGroup } = surroundings;
  const functions = new Map<string, ScopeFunction>([
    ['parameters', (args) => parameter(parts, args)],
    ['variables', variablesOf(template)],
    ['copyindex', copyIndex],
    ['resourceid', (args) => resourceId(surroundings, args)],
    [
      'subscriptionresourceid',
      (args) => {
        const isElsewhere = !args.text(0).includes('/');
        const subscriptionId = isElsewhere ? args.text(0) : subscription.subscriptionId;
        return idOf(`/subscriptions/${subscriptionId}`, args, isElsewhere ? 1 : 0);
      },
    ],
    ['tenantresourceid', (args) => idOf('', args, 0)],
    ['extensionresourceid', (args) => idOf(args.text(0), args, 1)],
    ['resourcegroup', () => resourceGroup],
    ['subscription', () => subscription],
    ['tenant', () => surroundings.tenant],
    ['environment', () => surroundings.environment],
    [
      'deployment',
      () => ({
        name: surroundings.deploymentName,
        location: surroundings.location,
        properties: { template: { contentVersion: template.contentVersion } },
      }),
    ],
    ...[...template.functions].map(([name, body]): [string, ScopeFunction] => [
      name,
      (args, scope) => callTemplateFunction(body, args, scope),
    ]),
    ...(parts.extra ?? []),
  ]);
  return { functions, copyIndexes: new Map(), lambdaValues: new Map(), budget: newBudget() };
}

function parameter({ template, parameter: valueOf }: ScopeParts, args: Arguments): Json {
  const name = memberName(template.parameters, args.text(0));
  if (name !== undefined) return valueOf(name);
  const names = Object.keys(template.parameters).join(', ') || 'none';
  throw new ExpressionError(`the template has no parameter '${args.text(0)}'; it has: ${names}`);
}

/** Variables are evaluated when they are used, once. */
function variablesOf(template: Template): ScopeFunction {
  const values = new Map<string, Json>();
  const underWay = new Set<string>();
  const loops = isArray(template.variables.copy) ? template.variables.copy.filter(isObject) : [];
  const evaluateVariable = (name: string, scope: Scope): Json => {
    const alone = { ...scope, copyIndexes: new Map<string, number>(), lambdaValues: new Map<string, Json>() };
    const loop = loops.findIndex((each) => textOf(each.name ?? null).toLowerCase() === name.toLowerCase());
    const found = loops[loop];
    if (found) return expandLoop(found, alone, `variables.copy[${loop}]`, evaluateValue)[1];
    const value = name.toLowerCase() === 'copy' ? undefined : member(template.variables, name);
    if (value !== undefined) return evaluateValue(value, alone, `variables.${name}`);
    const names = [...Object.keys(template.variables), ...loops.map((each) => textOf(each.name ?? null))];
    throw new ExpressionError(
      `the template has no variable '${name}'; it has: ${names.join(', ') || 'none'}`,
    );
  };
  return (args, scope) => {
    const name = args.text(0);
    const key = name.toLowerCase();
    const known = values.get(key);
    if (known !== undefined) return known;
    if (underWay.has(key)) throw new ExpressionError(`the variable '${name}' depends on itself`);
    underWay.add(key);
    try {
      const value = evaluateVariable(name, scope);
      values.set(key, value);
      return value;
    } finally {
      underWay.delete(key);
    }
  };
}

function copyIndex(args: Arguments, scope: Scope): number {
  const loop = typeof args.any(0) === 'string' ? args.text(0) : '';
  const offset = args.all.find((each) => typeof each === 'number') ?? 0;
  const index = scope.copyIndexes.get(loop.toLowerCase());
  if (index !== undefined) return index + offset;
  throw new ExpressionError(
    loop === '' ? 'there is no copy loop here' : `there is no copy loop '${loop}' here`,
  );
}

/** `resourceId([subscriptionId], [resourceGroupName], type, name, …)`; the type is known by its slash. */
function resourceId({ subscription, resourceGroup }: Surroundings, args: Arguments): string {
  const at = args.all.findIndex((each) => typeof each === 'string' && each.includes('/'));
  if (at < 0 || at > 2) args.fail("needs a type such as 'Microsoft.ContainerRegistry/registries'");
  const subscriptionId = at === 2 ? args.text(0) : subscription.subscriptionId;
  const groupName = at === 0 ? resourceGroup.name : args.text(at - 1);
  return idOf(`/subscriptions/${subscriptionId}/resourceGroups/${groupName}`, args, at);
}

function idOf(scope: string, args: Arguments, at: number): string {
  const names = args.all.slice(at + 1).map((_, index) => args.text(at + 1 + index));
  // A name such as 'registry/task' stands for two.
  return childId(
    scope,
    args.text(at),
    names.flatMap((name) => name.split('/')),
  );
}

/** A function of the template sees its own parameters only. */
function callTemplateFunction(body: Json, args: Arguments, scope: Scope): Json {
  const { parameters = [], output = null } = isObject(body) ? body : {};
  const names = isArray(parameters)
    ? parameters.map((each) => textOf(isObject(each) ? (each.name ?? null) : each))
    : [];
  if (names.length !== args.count) args.fail(`takes ${names.length} arguments; it was given ${args.count}`);
  const functions = new Map(scope.functions).set('parameters', (inner) => {
    const at = names.findIndex((name) => name.toLowerCase() === inner.text(0).toLowerCase());
    return at < 0 ? inner.fail(`finds no parameter '${inner.text(0)}' of ${args.name}`) : args.any(at);
  });
  const value = isObject(output) ? (output.value ?? null) : null;
  return evaluateValue(value, { ...scope, functions }, args.name);
}
