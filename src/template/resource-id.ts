import { ExpressionError } from './error.ts';

/** `Microsoft.ContainerRegistry/registries/tasks` and `acr/task` below a scope, as a resource id. */
export function childId(scope: string, type: string, names: readonly string[]): string {
  const [namespace = '', ...types] = type.split('/');
  if (types.length === 0 || types.length !== names.length) {
    throw new ExpressionError(
      `the type '${type}' needs ${types.length} names; given: ${names.map((name) => `'${name}'`).join(', ')}`,
    );
  }
  return `${scope}/providers/${namespace}/${types.map((each, index) => `${each}/${names[index]}`).join('/')}`;
}

/** The type of a resource, out of its id. */
export function typeOfId(id: string): string {
  const [namespace = '', ...rest] = (id.split('/providers/').at(-1) ?? '').split('/');
  return [namespace, ...rest.filter((_, index) => index % 2 === 0)].join('/');
}

/** The id of the resource that has this one for a child, if any. */
export function parentId(id: string): string | undefined {
  const parts = id.split('/');
  const types = (id.split('/providers/').at(-1) ?? '').split('/').length;
  return types > 3 ? parts.slice(0, -2).join('/') : undefined;
}
