import { Secret, ServiceError, type ErrorDetail } from '../../model/index.ts';

/** Reads members of a request's body and collects every offence, each with the path of its member. */
export interface Reader {
  readonly path: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly offences: ErrorDetail[];
}

/**
 * Reads a body by `parse`. Members that nobody asks for are ignored, `null` is as good as absent.
 * @throws ServiceError 400 `InvalidParameter` with all offences in `details`; the first one is its target.
 */
export function read<T>(body: unknown, parse: (reader: Reader) => T): T {
  const offences: ErrorDetail[] = [];
  if (!isObject(body)) {
    throw new ServiceError(400, 'InvalidRequestContent', 'The request content must be a JSON object.');
  }
  const parsed = parse({ path: '', value: body, offences });
  const [first] = offences;
  if (!first) return parsed;
  const rest = offences.length > 1 ? ` (and ${offences.length - 1} more, see details)` : '';
  throw new ServiceError(400, first.code, `${first.message}${rest}`, {
    target: first.target ?? '',
    details: offences,
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pathTo(reader: Reader, name: string): string {
  return reader.path === '' ? name : `${reader.path}.${name}`;
}

/** Notes an offence of a member. */
export function refuse(reader: Reader, name: string, message: string, code = 'InvalidParameter'): undefined {
  const target = pathTo(reader, name);
  reader.offences.push({ code, message: `${target} ${message}`, target });
  return undefined;
}

function member(reader: Reader, name: string, isRequired: boolean): unknown {
  const value = Object.hasOwn(reader.value, name) ? reader.value[name] : undefined;
  if (value !== undefined && value !== null) return value;
  if (isRequired) refuse(reader, name, 'is required', 'MissingParameter');
  return undefined;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > 100 ? `${json.slice(0, 100)}…` : json;
}

export function text(
  reader: Reader,
  name: string,
  options: { isRequired?: boolean; maxLength?: number; isSecret?: boolean } = {},
): string | undefined {
  const { isRequired = false, maxLength = 4096, isSecret = false } = options;
  const value = member(reader, name, isRequired);
  if (value === undefined) return undefined;
  if (typeof value !== 'string')
    return refuse(reader, name, `is ${isSecret ? 'no text' : shown(value)}; it must be a text`);
  if (isRequired && value === '') return refuse(reader, name, 'is empty; it is required', 'MissingParameter');
  if (value.length > maxLength)
    return refuse(reader, name, `is ${value.length} characters long; at most ${maxLength} are allowed`);
  if (value.includes('\0')) return refuse(reader, name, 'holds a NUL character');
  return value;
}

export function secret(
  reader: Reader,
  name: string,
  options: { isRequired?: boolean } = {},
): Secret | undefined {
  const value = text(reader, name, { ...options, maxLength: 65_536, isSecret: true });
  return value === undefined ? undefined : new Secret(value);
}

/** One of the words, in any case; the canonical spelling comes back. */
export function word<W extends string>(
  reader: Reader,
  name: string,
  words: readonly W[],
  options: { isRequired?: boolean } = {},
): W | undefined {
  const value = text(reader, name, options);
  if (value === undefined) return undefined;
  const found = words.find((each) => each.toLowerCase() === value.toLowerCase());
  return found ?? refuse(reader, name, `is ${shown(value)}; it must be one of ${words.join(', ')}`);
}

export function flag(reader: Reader, name: string): boolean | undefined {
  const value = member(reader, name, false);
  if (value === undefined || typeof value === 'boolean') return value;
  return refuse(reader, name, `is ${shown(value)}; it must be true or false`);
}

export function integer(
  reader: Reader,
  name: string,
  limits: { minimum: number; maximum: number; unit?: string },
): number | undefined {
  const value = member(reader, name, false);
  if (value === undefined) return undefined;
  const { minimum, maximum, unit } = limits;
  if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum)
    return value;
  return refuse(
    reader,
    name,
    `is ${shown(value)}; it must be between ${minimum} and ${maximum}${unit ? ` ${unit}` : ''}`,
  );
}

/** A reader of a member that is an object. */
export function objectOf(
  reader: Reader,
  name: string,
  options: { isRequired?: boolean } = {},
): Reader | undefined {
  const value = member(reader, name, options.isRequired ?? false);
  if (value === undefined) return undefined;
  if (!isObject(value)) return refuse(reader, name, `is ${shown(value)}; it must be an object`);
  return { path: pathTo(reader, name), value, offences: reader.offences };
}

/** A member that is a list, each item read by `parse`, which gets the item's path as `name[index]`. */
export function listOf<T>(
  reader: Reader,
  name: string,
  parse: (item: unknown, itemName: string) => T | undefined,
  maxItems = 1000,
): T[] {
  const value = member(reader, name, false);
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    refuse(reader, name, `is ${shown(value)}; it must be a list`);
    return [];
  }
  if (value.length > maxItems) {
    refuse(reader, name, `has ${value.length} items; at most ${maxItems} are allowed`);
    return [];
  }
  return value.flatMap((item: unknown, index) => parse(item, `${name}[${index}]`) ?? []);
}

/** A reader of a list's item that is an object. */
export function itemReader(reader: Reader, item: unknown, itemName: string): Reader | undefined {
  if (!isObject(item)) return refuse(reader, itemName, `is ${shown(item)}; it must be an object`);
  return { path: pathTo(reader, itemName), value: item, offences: reader.offences };
}

/** A member whose values are texts, such as tags. */
export function textMap(reader: Reader, name: string): Record<string, string> | undefined {
  const values = objectOf(reader, name);
  if (!values) return undefined;
  const entries = Object.keys(values.value).map(
    (key) => [key, text(values, key, { maxLength: 256 }) ?? ''] as const,
  );
  if (entries.length > 50)
    return refuse(reader, name, `has ${entries.length} members; at most 50 are allowed`);
  return Object.fromEntries(entries);
}
