import { Type, type Static, type TSchema, type TUnsafe } from 'typebox';
import type { Secret } from '../model/index.ts';
import { branchOf, isObject, isRequired, nodeOf, type SchemaNode } from './schema-node.ts';

/** What a PATCH may send of a type: any of its members, and null to remove one. */
export type Patch<T> = T extends Secret | string | number | boolean
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Patch<Item>[]
    : { readonly [K in keyof T]?: Patch<T[K]> | null };

/**
 * The PATCH schema of a resource: every member optional and without its default, read-only ones left out,
 * null allowed where a member can be removed. Items of a `namedList` need their name, steps and run
 * requests their type; items of other lists are whole, since a PATCH replaces those lists. Rules over several
 * members do not apply: the merged resource is checked against the full schema.
 */
export function patchOf<S extends TSchema>(schema: S): TUnsafe<Patch<Static<S>>> {
  return Type.Unsafe(partial(nodeOf(schema), []));
}

function partial(node: SchemaNode, required: readonly string[]): SchemaNode {
  const { default: _default, refine: _refine, ...kept } = node;
  const renamed = { ...kept, ...(node.$id !== undefined && { $id: updateNameOf(node.$id) }) };
  if (node.oneOf) {
    const name = node.discriminator?.propertyName ?? '';
    return { ...renamed, oneOf: node.oneOf.map((branch) => partial(branch, [name])) };
  }
  if (node.properties) {
    const members = Object.entries(node.properties).filter(([, member]) => !member.readOnly);
    const properties = Object.fromEntries(
      members.map(([name, member]) => {
        const nullDeletes = !required.includes(name) && !isRequired(node, name);
        return [name, { ...partial(member, []), ...(nullDeletes && { nullDeletes }) }];
      }),
    );
    return { ...renamed, properties, required };
  }
  if (node.items && node.mergeBy !== undefined)
    return { ...kept, items: partial(node.items, [node.mergeBy]) };
  if (node.additionalProperties && node.mergesKeys)
    return {
      ...kept,
      additionalProperties: { ...partial(node.additionalProperties, []), nullDeletes: true },
    };
  return kept;
}

/** `SourceProperties` → `SourceUpdateParameters`, as the specification calls them. */
function updateNameOf(name: string): string {
  return `${name.replace(/Properties$/, '')}UpdateParameters`;
}

/**
 * A resource after a PATCH: objects merge, null removes a member, items of a `namedList` merge by name (new
 * ones are appended), records that `mergesKeys` merge by key, a step or run request of another type replaces
 * the old one, and so do other lists and records. `schema` is the resource's full schema, `patch` a value
 * that its `patchOf` has checked. The result may lack required members: `check` it against the full schema.
 */
export function mergePatch<S extends TSchema>(schema: S, current: object, patch: Patch<Static<S>>): unknown {
  return merge(nodeOf(schema), current, patch);
}

function merge(node: SchemaNode, current: unknown, patch: unknown): unknown {
  if (Array.isArray(patch))
    return node.mergeBy === undefined ? patch : mergeList(node, node.mergeBy, current, patch);
  if (node.oneOf && isObject(patch)) {
    const name = node.discriminator?.propertyName ?? '';
    const branch = branchOf(node, patch[name]) ?? {};
    const isSameType = isObject(current) && branchOf(node, current[name]) === branch;
    return mergeMembers(branch, isSameType ? current : {}, patch);
  }
  if (node.type !== 'object' || !isObject(patch)) return patch;
  const isReplaced = node.properties === undefined && !node.mergesKeys;
  return mergeMembers(node, isObject(current) && !isReplaced ? current : {}, patch);
}

function mergeMembers(
  node: SchemaNode,
  current: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged = { ...current };
  for (const [sent, value] of Object.entries(patch)) {
    const name = keyIn(current, sent);
    if (value === null) delete merged[name];
    else
      merged[name] = merge(node.properties?.[name] ?? node.additionalProperties ?? {}, current[name], value);
  }
  return merged;
}

/** The key as the object has it: hosts and resource ids are compared without case. */
function keyIn(object: Readonly<Record<string, unknown>>, key: string): string {
  return Object.keys(object).find((each) => each.toLowerCase() === key.toLowerCase()) ?? key;
}

function mergeList(
  node: SchemaNode,
  mergeBy: string,
  current: unknown,
  patch: readonly unknown[],
): unknown[] {
  const merged: unknown[] = Array.isArray(current) ? [...(current as unknown[])] : [];
  const nameOf = (item: unknown): string => (isObject(item) ? String(item[mergeBy]).toLowerCase() : '');
  for (const item of patch) {
    const at = merged.findIndex((each) => nameOf(each) === nameOf(item));
    const whole = merge(node.items ?? {}, merged[at], item);
    if (at === -1) merged.push(whole);
    else merged[at] = whole;
  }
  return merged;
}
