import type { Static, TSchema } from 'typebox';
import { ServiceError, type ErrorDetail } from '../model/index.ts';
import { checkFlag, checkInteger, checkText, shown } from './check-plain.ts';
import { memberPath, placeAt, refuseOffences, type Place } from './offences.ts';
import { branchOf, isObject, isRequired, nodeOf, typeOf, type SchemaNode } from './schema-node.ts';

const defaultMaxItems = 1000;

type Members = Readonly<Record<string, unknown>>;

/**
 * The body as the schema's type: unknown and read-only members left out, `null` as good as absent (unless
 * the schema is a PATCH's), words in their canonical spelling, defaults filled in, secrets as `Secret`.
 * A value that holds `Secret` objects already may be checked again.
 * @throws ServiceError 400 with every offence in `details`; the first gives code, message and target.
 */
export function check<S extends TSchema>(schema: S, body: unknown): Static<S> {
  if (!isObject(body)) {
    throw new ServiceError(400, 'InvalidRequestContent', 'The request content must be a JSON object.');
  }
  const offences: ErrorDetail[] = [];
  const value = visit(nodeOf(schema), body, placeAt('', {}, offences));
  refuseOffences(offences);
  return value as Static<S>; // no offence, so it is what the schema describes
}

/** The value by its schema; undefined, or in part, when an offence was noted. */
function visit(node: SchemaNode, value: unknown, place: Place): unknown {
  switch (node.type) {
    case 'object':
      return visitObject(node, value, place);
    case 'array':
      return visitList(node, value, place);
    case 'integer':
      return checkInteger(node, value, place);
    case 'boolean':
      return checkFlag(node, value, place);
    default:
      return checkText(node, value, place);
  }
}

function visitObject(node: SchemaNode, value: unknown, place: Place): unknown {
  if (!isObject(value)) return place.refuse(`is ${shown(node, value)}; it must be an object`);
  if (node.oneOf) return visitUnion(node, value, place);
  const before = place.offences.length;
  const members = node.properties
    ? visitMembers(node, node.properties, value, place)
    : visitRecord(node, value, place);
  if (place.offences.length > before) return undefined;
  const prefix = place.path === '' ? '' : `${place.path}.`;
  node.refine?.(members as never, (name, message, code) =>
    // sound by itself: no offence below it
    placeAt(`${prefix}${name}`, value, place.offences).refuse(message, code),
  );
  return members;
}

function visitUnion(node: SchemaNode, value: Members, place: Place): unknown {
  const name = node.discriminator?.propertyName ?? '';
  const type = Object.hasOwn(value, name) ? value[name] : undefined;
  const branch = branchOf(node, type);
  if (branch) return visitObject(branch, value, place);
  const typePlace = placeAt(memberPath(place.path, name), value, place.offences);
  if (type === undefined || type === null) return typePlace.refuse('is required', 'MissingParameter');
  const types = node.oneOf?.map((each) => typeOf(node, each)).join(', ');
  return typePlace.refuse(`is ${shown({}, type)}; it must be one of ${types}`);
}

function visitMembers(
  node: SchemaNode,
  properties: Readonly<Record<string, SchemaNode>>,
  value: Members,
  place: Place,
): Members {
  const members: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(properties)) {
    if (member.readOnly) continue;
    const sent = Object.hasOwn(value, name) ? value[name] : undefined;
    const given = sent ?? (sent === null && member.nullDeletes ? null : member.default);
    const memberPlace = placeAt(memberPath(place.path, name), value, place.offences);
    if (given === null) members[name] = null;
    else if (given !== undefined) members[name] = visit(member, given, memberPlace);
    else if (isRequired(node, name)) memberPlace.refuse('is required', 'MissingParameter');
  }
  return members;
}

function visitRecord(node: SchemaNode, value: Members, place: Place): Members | undefined {
  const { maxProperties = defaultMaxItems, propertyNames = {}, additionalProperties: values = {} } = node;
  const isSent = (key: string): boolean =>
    value[key] !== undefined && (value[key] !== null || values.nullDeletes === true);
  // To set __proto__ would change the object itself.
  const keys = Object.keys(value).filter((key) => key !== '__proto__' && isSent(key));
  if (keys.length > maxProperties)
    return place.refuse(`has ${keys.length} members; at most ${maxProperties} are allowed`);
  const members: Record<string, unknown> = {};
  for (const key of keys) {
    const memberPlace = placeAt(memberPath(place.path, key), value, place.offences);
    checkText(propertyNames, key, memberPlace);
    members[key] = value[key] === null ? null : visit(values, value[key], memberPlace);
  }
  return members;
}

function visitList(node: SchemaNode, value: unknown, place: Place): unknown[] | undefined {
  if (!Array.isArray(value)) return place.refuse(`is ${shown(node, value)}; it must be a list`);
  const { maxItems = defaultMaxItems, items = {}, mergeBy } = node;
  if (value.length > maxItems)
    return place.refuse(`has ${value.length} items; at most ${maxItems} are allowed`);
  if (mergeBy !== undefined) refuseDuplicates(mergeBy, value, place);
  return value.map((item: unknown, index) =>
    visit(items, item, placeAt(`${place.path}[${index}]`, place.parent, place.offences)),
  );
}

function refuseDuplicates(mergeBy: string, items: readonly unknown[], place: Place): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const name = isObject(item) ? item[mergeBy] : undefined;
    if (typeof name !== 'string') continue;
    if (seen.has(name.toLowerCase())) {
      const namePlace = placeAt(`${place.path}[${index}].${mergeBy}`, {}, place.offences);
      namePlace.refuse(`is ${shown({}, name)}; another item of the list has that ${mergeBy}`);
    }
    seen.add(name.toLowerCase());
  }
}
