import type { TSchema } from 'typebox';
import { nodeOf, isRequired, typeOf, type SchemaNode } from './schema-node.ts';

export type JsonSchema = Record<string, unknown>;

/** The named schemas of a document. */
export interface Components {
  readonly schemas: Record<string, JsonSchema>;
  /** The schema, or a reference when it has a name; it is then among `schemas`. */
  schemaOf(schema: TSchema): JsonSchema;
}

export function createComponents(): Components {
  const schemas: Record<string, JsonSchema> = {};
  return { schemas, schemaOf: (schema) => refer(nodeOf(schema), schemas) };
}

/** Words of JSON Schema that stand in a document as in a schema of ours. */
const keptWords = [
  ...['type', 'format', 'enum', 'const', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum'],
  ...['maxItems', 'maxProperties', 'writeOnly'],
] as const;

/** Words that belong to the place of a schema and not to the schema. */
function placeWords({ readOnly, default: value }: SchemaNode): JsonSchema {
  return { ...(readOnly && { readOnly }), ...(value !== undefined && { default: value }) };
}

function refer(node: SchemaNode, schemas: Record<string, JsonSchema>): JsonSchema {
  const schema = { ...named(node, schemas), ...placeWords(node) };
  return node.nullDeletes ? { anyOf: [schema, { type: 'null', description: 'Removes it.' }] } : schema;
}

function named(node: SchemaNode, schemas: Record<string, JsonSchema>): JsonSchema {
  const { $id } = node;
  if ($id === undefined) return translate(node, schemas);
  const schema = translate(node, schemas);
  if (schemas[$id] && JSON.stringify(schemas[$id]) !== JSON.stringify(schema))
    throw new Error(`two schemas are called ${$id}`);
  schemas[$id] = schema;
  return { $ref: `#/components/schemas/${$id}` };
}

function translate(node: SchemaNode, schemas: Record<string, JsonSchema>): JsonSchema {
  const { properties, items, additionalProperties, propertyNames } = node;
  const kept = keptWords.filter((word) => node[word] !== undefined).map((word) => [word, node[word]]);
  const required = node.required?.filter((name) => isRequired(node, name)) ?? [];
  return {
    ...(Object.fromEntries(kept) as JsonSchema),
    ...described(node),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, member]) => [name, refer(member, schemas)]),
      ),
    }),
    ...(required.length > 0 && { required }),
    ...(items && { items: refer(items, schemas) }),
    ...(additionalProperties && { additionalProperties: refer(additionalProperties, schemas) }),
    ...(propertyNames && { propertyNames: refer(propertyNames, schemas) }),
    ...union(node, schemas),
  };
}

function described({ description, rule, unit, supported }: SchemaNode): JsonSchema {
  const sentences = [
    description,
    rule !== undefined && `Must be ${rule}.`,
    unit !== undefined && `In ${unit}.`,
    supported && `Must be ${supported.value}: ${supported.because}.`,
  ];
  const text = sentences.filter((sentence) => typeof sentence === 'string').join(' ');
  return text === '' ? {} : { description: text };
}

function union(node: SchemaNode, schemas: Record<string, JsonSchema>): JsonSchema {
  if (!node.oneOf) return {};
  const branches = node.oneOf.map((branch) => [typeOf(node, branch), refer(branch, schemas)] as const);
  const mapping = Object.fromEntries(branches.map(([type, reference]) => [type, reference.$ref]));
  return {
    oneOf: branches.map(([, reference]) => reference),
    discriminator: { ...node.discriminator, mapping },
  };
}
