import {
  Type,
  type Static,
  type TNumberOptions,
  type TObject,
  type TObjectOptions,
  type TOptional,
  type TProperties,
  type TSchema,
  type TStringOptions,
  type TUnsafe,
} from 'typebox';
import type { Secret } from '../model/index.ts';
import type { Refuse, SchemaNode } from './schema-node.ts';

// The words in which this room writes its schemas: TypeBox with the annotations of `SchemaNode`.

type Annotations = Pick<SchemaNode, 'rule' | 'supported'>;

export const object = <P extends TProperties>(members: P, options?: TObjectOptions): TObject<P> =>
  Type.Object(members, options);

export const optional = Type.Optional;

/** A member that only the server sets; a request's is ignored. */
export function readOnly<S extends TSchema>(schema: S): TOptional<S> {
  return Type.Optional({ ...schema, readOnly: true }) as TOptional<S>; // which is what Optional makes of it
}

/** A text of at most 4096 characters unless `maxLength` says otherwise; a `pattern` comes with its `rule`. */
export const text = (options: TStringOptions & Annotations = {}) => Type.String(options);

/** A text that may not be empty. */
export const filledText = (options: TStringOptions & Annotations = {}) =>
  Type.String({ minLength: 1, ...options });

export const dateTime = Type.String({ format: 'date-time' });

/** A text of up to 65536 characters that `check` gives as a `Secret`. */
export const secretText = (options: TStringOptions = {}): TUnsafe<Secret> =>
  Type.Unsafe({ type: 'string', writeOnly: true, ...options });

/** A text that `check` gives as a `Secret` when the sibling flag is true. */
export const secretTextIf = (flag: string, options: TStringOptions = {}): TUnsafe<string | Secret> =>
  Type.Unsafe({ type: 'string', secretIf: flag, ...options });

/** One of the words, in any case; `check` gives the canonical spelling. */
export const word = <W extends string>(
  words: readonly W[],
  options: TStringOptions & Annotations = {},
): TUnsafe<W> => Type.Unsafe({ type: 'string', enum: words, ...options });

/** One of the words, in any case, which is kept. */
export const echoedWord = (words: readonly string[], options: TStringOptions = {}): TUnsafe<string> =>
  Type.Unsafe({ type: 'string', enum: words, isEchoed: true, ...options });

export const flag = (options: TObjectOptions & Annotations = {}) => Type.Boolean(options);

export const integer = (options: TNumberOptions & { unit?: string } = {}) => Type.Integer(options);

/** A list of at most 1000 items unless `maxItems` says otherwise; a PATCH replaces it. */
export const list = <S extends TSchema>(
  items: S,
  options: { maxItems?: number; default?: unknown; description?: string } = {},
): TUnsafe<readonly Static<S>[]> => Type.Unsafe({ type: 'array', items, ...options });

/** A list whose items have a `name` of their own; a PATCH merges it by that. */
export const namedList = <S extends TSchema>(items: S): TUnsafe<readonly Static<S>[]> =>
  Type.Unsafe({ type: 'array', items, mergeBy: 'name' });

/** An object whose members the client names; a PATCH replaces it unless it `mergesKeys`. */
export const record = <S extends TSchema>(
  values: S,
  options: TObjectOptions & Pick<SchemaNode, 'mergesKeys'> = {},
): TUnsafe<Readonly<Record<string, Static<S>>>> =>
  Type.Unsafe({ type: 'object', additionalProperties: values, ...options });

/** An object of any members, in answers only. */
export const anyObject = (options: TObjectOptions = {}): TUnsafe<Readonly<Record<string, unknown>>> =>
  Type.Unsafe({ type: 'object', ...options });

/** One of the branches, which are objects told apart by the literal `type`. */
export const oneOfTypes = <B extends readonly TSchema[]>(
  branches: B,
  options: TObjectOptions = {},
): TUnsafe<{ [I in keyof B]: Static<B[I]> }[number]> =>
  Type.Unsafe({ type: 'object', oneOf: branches, discriminator: { propertyName: 'type' }, ...options });

/** A schema with a rule over several of its members. */
export function refined<S extends TSchema>(schema: S, refine: (value: Static<S>, refuse: Refuse) => void): S {
  return { ...schema, refine };
}
