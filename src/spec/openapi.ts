import type { TSchema } from 'typebox';
import { text } from './members.ts';
import { pathParameters } from './names.ts';
import type { Operation, OperationResponse } from './operation.ts';
import { operations } from './operations.ts';
import { createComponents, type Components, type JsonSchema } from './openapi-schema.ts';
import { errorResponse } from './schemas/common.ts';

export interface OpenApiOptions {
  /** Where the API is served. */
  readonly serverUrl: string;
}

/** The api-version that the document describes. */
const apiVersion = '2025-03-01-preview';

/** The API as an OpenAPI 3.1 document: every operation, and each schema once under `components`. */
export function openApiDocument({ serverUrl }: OpenApiOptions): object {
  const components = createComponents();
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const item = (paths[operation.path] ??= {
      parameters: parametersOf(operation.path, components),
    });
    item[operation.method] = describe(operation, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slipway',
      version: apiVersion,
      description:
        'Azure Container Registry Tasks, self-hosted: the Microsoft.ContainerRegistry API of tasks.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl }],
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: components.schemas,
      parameters: { 'api-version': apiVersionParameter(components) },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function apiVersionParameter(components: Components): object {
  const description =
    'The version of the API. Every one that the resource has had is served, and later ones.';
  const schema = components.schemaOf(text());
  return { name: 'api-version', in: 'query', required: true, description, schema, example: apiVersion };
}

function parametersOf(path: string, components: Components): object[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return [
    { $ref: '#/components/parameters/api-version' },
    ...Object.entries(pathParameters)
      .filter(([name]) => names.includes(name))
      .map(([name, schema]) => ({ name, in: 'path', required: true, schema: components.schemaOf(schema) })),
  ];
}

function describe({ operationId, summary, query, request, responses }: Operation, components: Components) {
  const [tag = operationId] = operationId.split('_');
  const parameters = Object.entries(query ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: components.schemaOf(schema),
  }));
  const answers = Object.entries(responses).map(([status, response]) => [
    status,
    answer(response, components),
  ]);
  const error = { description: 'What is wrong.', ...content(errorResponse, components) };
  return {
    operationId,
    tags: [tag],
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(request && { requestBody: { required: true, ...content(request, components) } }),
    responses: { ...(Object.fromEntries(answers) as Record<string, object>), default: error },
  };
}

function answer({ body, headers = {} }: OperationResponse, components: Components): object {
  const described = Object.entries(headers).map(([name, schema]) => [
    name,
    { schema: components.schemaOf(schema) },
  ]);
  return {
    description: body ? 'The resource or what was asked for.' : 'Without content.',
    ...(described.length > 0 && { headers: Object.fromEntries(described) as object }),
    ...(body && content(body, components)),
  };
}

function content(
  schema: TSchema,
  components: Components,
): { content: Record<string, { schema: JsonSchema }> } {
  return { content: { 'application/json': { schema: components.schemaOf(schema) } } };
}
