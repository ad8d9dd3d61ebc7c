import { ServiceError, type ErrorDetail } from '../model/index.ts';
import { invalidTemplate, shown } from './error.ts';
import { evaluateValue } from './evaluate.ts';
import { Arguments } from './functions/index.ts';
import {
  isEqual,
  isObject,
  isTooDeep,
  member,
  memberName,
  typeName,
  type Json,
  type JsonObject,
} from './json.ts';
import { createScope } from './scope.ts';
import type { Surroundings } from './surroundings.ts';
import type { Template } from './template.ts';
import { utcNow } from './utc-now.ts';

/** Values by the parameters' names in lower case. */
export type ParameterValues = ReadonlyMap<string, Json>;

const types = ['string', 'securestring', 'int', 'bool', 'object', 'secureobject', 'array'];

export function isSecureType(type: Json | undefined): boolean {
  return typeof type === 'string' && type.toLowerCase().startsWith('secure');
}

/** The definition of a parameter, with what its `$ref` brings. */
export function parameterDefinition(template: Template, name: string): JsonObject {
  let definition = member(template.parameters, name) as JsonObject; // readTemplate looked
  for (let hops = 0; hops < 10; hops += 1) {
    const reference = definition.$ref;
    const target =
      typeof reference === 'string' ? /^#\/definitions\/([^/]+)$/.exec(reference)?.[1] : undefined;
    const found = target === undefined ? undefined : member(template.definitions, target);
    if (!isObject(found)) break;
    const { $ref: _, ...own } = definition;
    definition = { ...found, ...own };
  }
  return definition;
}

/**
 * Every parameter's value: the given one, or the default. `given` is as in a request:
 * `{ name: { value } }`. @throws ServiceError 400 `InvalidTemplate` with every offence in `details`.
 */
export function resolveParameters(
  template: Template,
  given: unknown,
  surroundings: Surroundings,
): ParameterValues {
  const values = new Map<string, Json>();
  const offences: ErrorDetail[] = [];
  const note = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { code, message, target } = error;
      offences.push({ code, message, ...(target !== undefined && { target }) });
    }
  };
  for (const [name, value] of givenValues(template, given)) {
    note(() => values.set(name.toLowerCase(), checked(template, name, value)));
  }
  const scope = createScope({
    template,
    surroundings,
    parameter: (name) => resolve(name),
    extra: new Map([
      ['utcnow', (args: Arguments) => utcNow(surroundings.now, args.count > 0 ? args.text(0) : undefined)],
      ['newguid', () => surroundings.newId()],
    ]),
  });
  const underWay = new Set<string>();
  const resolve = (name: string): Json => {
    const key = name.toLowerCase();
    const known = values.get(key);
    if (known !== undefined) return known;
    const path = `parameters.${name}`;
    if (underWay.has(key)) throw invalidTemplate(path, 'its default value depends on itself');
    underWay.add(key);
    const { defaultValue, nullable } = parameterDefinition(template, name);
    if (defaultValue === undefined && nullable !== true) {
      throw invalidTemplate(path, `the value for the template parameter '${name}' is not provided`);
    }
    const value = checked(template, name, evaluateValue(defaultValue ?? null, scope, `${path}.defaultValue`));
    values.set(key, value);
    return value;
  };
  const isRefused = (name: string): boolean =>
    offences.some(({ target }) => target?.toLowerCase() === `parameters.${name}`.toLowerCase());
  for (const name of Object.keys(template.parameters)) {
    if (!isRefused(name)) note(() => resolve(name));
  }
  const [first] = offences;
  if (first) {
    throw new ServiceError(400, first.code, first.message, {
      ...(first.target !== undefined && { target: first.target }),
      details: offences.length > 1 ? offences : [],
    });
  }
  return values;
}

function givenValues(template: Template, given: unknown): [string, Json][] {
  if (given === undefined || given === null) return [];
  if (!isObject(given))
    throw invalidTemplate('parameters', `the parameters are ${typeName(given)}; they must be an object`);
  if (isTooDeep(given)) throw invalidTemplate('parameters', 'the parameters are nested too deep');
  const names = Object.keys(template.parameters);
  return Object.entries(given).flatMap(([sent, entry]): [string, Json][] => {
    const name = memberName(template.parameters, sent);
    if (name === undefined) {
      throw invalidTemplate(
        `parameters.${sent}`,
        `the template has no parameter '${sent}'; it has: ${names.join(', ') || 'none'}`,
      );
    }
    if (!isObject(entry)) throw invalidTemplate(`parameters.${name}`, "it must be an object with 'value'");
    if ('reference' in entry) {
      throw new ServiceError(
        400,
        'NotSupported',
        `The parameter '${name}' refers to a key vault, and there is none here; give its value instead.`,
        { target: `parameters.${name}` },
      );
    }
    // As in ARM, null is as good as absent.
    return entry.value === undefined || entry.value === null ? [] : [[name, entry.value]];
  });
}

function checked(template: Template, name: string, value: Json): Json {
  const path = `parameters.${name}`;
  const definition = parameterDefinition(template, name);
  const { type, allowedValues, minValue, maxValue, minLength, maxLength, nullable } = definition;
  const isSecure = isSecureType(type);
  const refuse = (rule: string): never => {
    throw invalidTemplate(
      path,
      `the parameter '${name}' ${isSecure ? '' : `is ${shown(value)}; it `}${rule}`,
    );
  };
  if (typeof type !== 'string' || !types.includes(type.toLowerCase())) {
    throw invalidTemplate(path, `the type is ${shown(type)}; it must be one of ${types.join(', ')}`);
  }
  if (value === null && nullable === true) return value;
  if (!isOfType(value, type)) refuse(`must be of type ${type}`);
  if (Array.isArray(allowedValues)) {
    const allowed = allowedValues as Json[]; // parts of a template
    const isAllowed = (each: Json): boolean => allowed.some((one) => isEqual(one, each));
    const isFine = Array.isArray(value)
      ? (value as Json[]).every(isAllowed) || isAllowed(value)
      : isAllowed(value);
    if (!isFine) refuse(`must be one of ${allowed.map(shown).join(', ')}`);
  }
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : undefined;
  const limits = [
    [typeof value === 'number' ? value : undefined, minValue, maxValue, ''],
    [size, minLength, maxLength, ' long'],
  ] as const;
  for (const [number, least, most, unit] of limits) {
    if (number === undefined) continue;
    if (typeof least === 'number' && number < least) refuse(`must be at least ${least}${unit}`);
    if (typeof most === 'number' && number > most) refuse(`must be at most ${most}${unit}`);
  }
  return value;
}

/** Whether a value is of a parameter's or output's type. */
export function isOfType(value: Json, type: string): boolean {
  switch (type.toLowerCase()) {
    case 'int':
      return typeof value === 'number' && Number.isInteger(value);
    case 'bool':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    case 'object':
    case 'secureobject':
      return isObject(value);
    default:
      return typeof value === 'string';
  }
}
