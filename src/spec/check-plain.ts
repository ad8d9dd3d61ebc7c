import { Secret } from '../model/index.ts';
import type { Place } from './offences.ts';
import type { SchemaNode } from './schema-node.ts';

const defaultMaxLength = 4096;
const maxSecretLength = 65_536;

/** A text, a word of an enumeration or a secret, by its schema; undefined when it was refused. */
export function checkText(node: SchemaNode, value: unknown, place: Place): string | Secret | undefined {
  const isSecret =
    node.writeOnly === true || (node.secretIf !== undefined && place.parent[node.secretIf] === true);
  const sent = value instanceof Secret ? value.reveal() : value;
  if (typeof sent !== 'string')
    return place.refuse(`is ${isSecret ? kindOf(sent) : shown(node, sent)}; it must be a text`);
  if (node.const !== undefined) return node.const; // the discriminator, by which this branch was found
  if (sent === '' && node.minLength !== undefined)
    return place.refuse('is empty; it is required', 'MissingParameter');
  const maySecret = isSecret || node.secretIf !== undefined;
  const { maxLength = maySecret ? maxSecretLength : defaultMaxLength } = node;
  if (sent.length > maxLength)
    return place.refuse(`is ${sent.length} characters long; at most ${maxLength} are allowed`);
  if (sent.includes('\0')) return place.refuse('holds a NUL character');
  if (!sent.isWellFormed()) return place.refuse('holds half of a surrogate pair, which is no character');
  if (node.enum) return checkWord(node, node.enum, sent, place);
  if (node.pattern !== undefined && !new RegExp(node.pattern, 'u').test(sent))
    return place.refuse(`is ${shown(node, sent)}; it must be ${node.rule ?? `like ${node.pattern}`}`);
  return isSecret || value instanceof Secret ? new Secret(sent) : sent;
}

function checkWord(
  node: SchemaNode,
  words: readonly string[],
  sent: string,
  place: Place,
): string | undefined {
  const found = words.find((word) => word.toLowerCase() === sent.toLowerCase());
  if (found === undefined)
    return place.refuse(`is ${shown(node, sent)}; it must be one of ${words.join(', ')}`);
  if (!isSupported(node, found, place)) return undefined;
  return node.isEchoed ? sent : found;
}

export function checkFlag(node: SchemaNode, value: unknown, place: Place): boolean | undefined {
  if (typeof value !== 'boolean') return place.refuse(`is ${shown(node, value)}; it must be true or false`);
  return isSupported(node, value, place) ? value : undefined;
}

function isSupported({ supported }: SchemaNode, value: string | boolean, place: Place): boolean {
  if (supported === undefined || value === supported.value) return true;
  place.refuse(`must be ${supported.value}: ${supported.because}`, 'NotSupported');
  return false;
}

/** An integer within its limits; undefined when it was refused. */
export function checkInteger(node: SchemaNode, value: unknown, place: Place): number | undefined {
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER, unit } = node;
  if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum)
    return value;
  const counted = unit === undefined ? '' : ` ${unit}`;
  return place.refuse(`is ${shown(node, value)}; it must be ${rangeOf(node)}${counted}`);
}

function rangeOf({ minimum, maximum }: SchemaNode): string {
  if (minimum === undefined) return 'an integer';
  return maximum === undefined ? `an integer from ${minimum} on` : `between ${minimum} and ${maximum}`;
}

/** A refused value for a message: JSON, cut; of objects and of what may hold a secret only the kind. */
export function shown(node: SchemaNode, value: unknown): string {
  if ((typeof value === 'object' && value !== null) || holdsSecret(node)) return kindOf(value);
  const json = JSON.stringify(value);
  return json.length > 100 ? `${json.slice(0, 100)}…` : json;
}

function holdsSecret(node: SchemaNode): boolean {
  const { properties = {}, oneOf = [], items, additionalProperties } = node;
  const below = [...Object.values(properties), ...oneOf, items, additionalProperties];
  return (
    node.writeOnly === true ||
    node.secretIf !== undefined ||
    below.some((each) => each !== undefined && holdsSecret(each))
  );
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  const kinds: Record<string, string> = { string: 'a text', number: 'a number', boolean: 'true or false' };
  return kinds[typeof value] ?? 'an object';
}
