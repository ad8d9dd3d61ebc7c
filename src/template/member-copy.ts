import { at, ExpressionError, invalidTemplate, shown } from './error.ts';
import type { Scope } from './evaluate.ts';
import { isArray, isObject, type Json, type JsonObject } from './json.ts';

type Evaluate = (value: Json, scope: Scope, path: string) => Json;

/** ARM's limit of a copy loop. */
export const maxCopies = 800;

/** The members of an object, evaluated; those that its `copy` list describes are arrays. */
export function expandMembers(
  value: JsonObject,
  scope: Scope,
  path: string,
  evaluate: Evaluate,
): [string, Json][] {
  return Object.entries(value).flatMap(([name, each]): [string, Json][] => {
    const memberPath = path === '' ? name : `${path}.${name}`;
    if (!isCopyList(name, each)) return [[name, evaluate(each, scope, memberPath)]];
    return each.map((loop, index) => expandLoop(loop, scope, `${memberPath}[${index}]`, evaluate));
  });
}

function isCopyList(name: string, value: Json): value is readonly JsonObject[] {
  return (
    name.toLowerCase() === 'copy' &&
    isArray(value) &&
    value.length > 0 &&
    value.every((each) => isObject(each) && 'name' in each && 'count' in each)
  );
}

/** One array of a `copy` list: `{ name, count, input }`. */
export function expandLoop(loop: JsonObject, scope: Scope, path: string, evaluate: Evaluate): [string, Json] {
  const name = loop.name;
  if (typeof name !== 'string' || name === '') throw invalidTemplate(`${path}.name`, 'it must be a name');
  const count = copyCount(evaluate(loop.count ?? null, scope, `${path}.count`), `${path}.count`);
  const input = loop.input;
  if (input === undefined) throw invalidTemplate(`${path}.input`, 'it is missing');
  const items = Array.from({ length: count }, (_, index) => {
    const copyIndexes = new Map(scope.copyIndexes).set(name.toLowerCase(), index);
    return evaluate(input, { ...scope, copyIndexes }, `${path}.input`);
  });
  return [name, items];
}

/** @throws ServiceError when it is no count of copies. */
export function copyCount(count: Json, path: string): number {
  return at(path, () => {
    if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= maxCopies)
      return count;
    throw new ExpressionError(`the count is ${shown(count)}; it must be an int from 0 to ${maxCopies}`);
  });
}
