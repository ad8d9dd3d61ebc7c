import { invalidTemplate } from './error.ts';
import { evaluateValue, type Scope } from './evaluate.ts';
import { isObject, objectOf, typeName, type Json, type JsonObject } from './json.ts';
import { expandLoop } from './member-copy.ts';
import { isOfType, isSecureType } from './parameters.ts';

/** The outputs as they are answered: `{ name: { type, value } }`; secure ones have no value. */
export function evaluateOutputs(outputs: Readonly<Record<string, JsonObject>>, scope: Scope): JsonObject {
  return objectOf(
    Object.entries(outputs).flatMap(([name, definition]): [string, Json][] => {
      const path = `outputs.${name}`;
      const { type, condition = true, copy, value, nullable } = definition;
      if (evaluateValue(condition, scope, `${path}.condition`) !== true) return [];
      if (typeof type !== 'string') throw invalidTemplate(`${path}.type`, 'it must be a type');
      if (isSecureType(type)) return [[name, { type: wireType(type) }]];
      const answered = isObject(copy)
        ? expandLoop({ ...copy, name }, scope, `${path}.copy`, evaluateValue)[1]
        : evaluateValue(value ?? null, scope, `${path}.value`);
      if (answered === null && nullable === true) return [[name, { type: wireType(type), value: null }]];
      if (!isOfType(answered, type)) {
        throw invalidTemplate(`${path}.value`, `it is ${typeName(answered)}; it must be of type ${type}`);
      }
      return [[name, { type: wireType(type), value: answered }]];
    }),
  );
}

/** A type as ARM answers it: `String`, `SecureObject`. */
export function wireType(type: Json | undefined): string {
  const words: Readonly<Record<string, string>> = {
    securestring: 'SecureString',
    secureobject: 'SecureObject',
  };
  const lower = typeof type === 'string' ? type.toLowerCase() : '';
  return words[lower] ?? lower.charAt(0).toUpperCase() + lower.slice(1);
}
