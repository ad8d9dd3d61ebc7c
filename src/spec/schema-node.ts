import type { TSchema } from 'typebox';

/** Notes an offence of the value that is refined: `name` is the path of the member below it. */
export type Refuse = (name: string, message: string, code?: string) => void;

/**
 * A schema as the walkers of this room read it: the words of JSON Schema that we use, and our annotations.
 * `readOnly` members are ignored in requests, `writeOnly` texts are secrets, and a member with a `default`
 * may be left out although it is `required`.
 */
export interface SchemaNode {
  readonly $id?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly readOnly?: boolean;
  readonly writeOnly?: boolean;
  readonly default?: unknown;

  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode;
  readonly propertyNames?: SchemaNode;
  readonly maxProperties?: number;

  readonly items?: SchemaNode;
  readonly maxItems?: number;

  readonly oneOf?: readonly SchemaNode[];
  readonly discriminator?: { readonly propertyName: string };

  readonly enum?: readonly string[];
  readonly const?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;

  /** What a number counts, for messages: `seconds`. */
  readonly unit?: string;
  /** The pattern in words that follow "it must be": `an image name such as app:v1`. */
  readonly rule?: string;
  /** A word that keeps the case in which it was sent. */
  readonly isEchoed?: boolean;
  /** The sibling flag that makes this text a secret. */
  readonly secretIf?: string;
  /** The only value that we perform, and why; the others are refused with `NotSupported`. */
  readonly supported?: { readonly value: string | boolean; readonly because: string };
  /** The member by which the items of a list are told apart; a PATCH merges them by it. */
  readonly mergeBy?: string;
  /** A PATCH merges this record key by key and does not replace it. */
  readonly mergesKeys?: boolean;
  /** In a PATCH: `null` removes the member. */
  readonly nullDeletes?: boolean;
  /** A rule over several members; called with a value that is sound by itself. */
  readonly refine?: (value: never, refuse: Refuse) => void;
}

/** The schema for walking. TypeBox's schemas are JSON Schema objects; this room makes no others. */
export function nodeOf(schema: TSchema): SchemaNode {
  return schema;
}

/** Whether a request has to send the member. */
export function isRequired(object: SchemaNode, name: string): boolean {
  const hasDefault = object.properties?.[name]?.default !== undefined;
  return !hasDefault && (object.required?.includes(name) ?? false);
}

/** The branch of a union that a discriminator's value means, compared without case. */
export function branchOf(union: SchemaNode, type: unknown): SchemaNode | undefined {
  if (typeof type !== 'string') return undefined;
  return union.oneOf?.find((branch) => typeOf(union, branch).toLowerCase() === type.toLowerCase());
}

/** The discriminator's value of a branch. */
export function typeOf(union: SchemaNode, branch: SchemaNode): string {
  return branch.properties?.[union.discriminator?.propertyName ?? '']?.const ?? '';
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
