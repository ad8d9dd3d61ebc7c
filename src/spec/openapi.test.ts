import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openApiDocument } from './openapi.ts';

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string }[];
  readonly requestBody?: { content: Record<string, { schema: { $ref: string } }> };
  readonly responses: Record<
    string,
    { headers?: object; content?: Record<string, { schema: { $ref: string } }> }
  >;
}

interface Schema {
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
  readonly [word: string]: unknown;
}

const methods = ['get', 'head', 'put', 'post', 'patch', 'delete'] as const;
type Method = (typeof methods)[number];
type PathItem = { readonly [M in Method]?: Described } & { readonly parameters: readonly object[] };

interface Document {
  readonly openapi: string;
  readonly servers: readonly { url: string }[];
  readonly paths: Record<string, PathItem>;
  readonly components: { schemas: Record<string, Schema>; parameters: Record<string, { required: boolean }> };
}

const document = JSON.parse(JSON.stringify(openApiDocument({ serverUrl: 'https://here' }))) as Document;
const described = Object.values(document.paths).flatMap((item) =>
  methods.flatMap((method) => item[method] ?? []),
);

const registry =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ContainerRegistry/registries/{registryName}';

// The specification's 25 operations: verb, path below the registry, statuses, request and answer.
const specified: readonly (readonly [string, Method, string, string, request?: string, answer?: string])[] = [
  ['AgentPools_List', 'get', '/agentPools', '200', '', 'AgentPoolListResult'],
  ['AgentPools_Get', 'get', '/agentPools/{agentPoolName}', '200', '', 'AgentPool'],
  ['AgentPools_Create', 'put', '/agentPools/{agentPoolName}', '200 201', 'AgentPool', 'AgentPool'],
  [
    'AgentPools_Update',
    'patch',
    '/agentPools/{agentPoolName}',
    '200 201',
    'AgentPoolUpdateParameters',
    'AgentPool',
  ],
  ['AgentPools_Delete', 'delete', '/agentPools/{agentPoolName}', '202 204'],
  [
    'AgentPools_GetQueueStatus',
    'post',
    '/agentPools/{agentPoolName}/listQueueStatus',
    '200',
    '',
    'AgentPoolQueueStatus',
  ],
  [
    'Registries_GetBuildSourceUploadUrl',
    'post',
    '/listBuildSourceUploadUrl',
    '200',
    '',
    'SourceUploadDefinition',
  ],
  ['Registries_ScheduleRun', 'post', '/scheduleRun', '200', 'RunRequest', 'Run'],
  ['Runs_List', 'get', '/runs', '200', '', 'RunListResult'],
  ['Runs_Get', 'get', '/runs/{runId}', '200', '', 'Run'],
  ['Runs_Update', 'patch', '/runs/{runId}', '200', 'RunUpdateParameters', 'Run'],
  ['Runs_Cancel', 'post', '/runs/{runId}/cancel', '200'],
  ['Runs_GetLogSasUrl', 'post', '/runs/{runId}/listLogSasUrl', '200', '', 'RunGetLogResult'],
  ['TaskRuns_List', 'get', '/taskRuns', '200', '', 'TaskRunListResult'],
  ['TaskRuns_Get', 'get', '/taskRuns/{taskRunName}', '200', '', 'TaskRun'],
  ['TaskRuns_Create', 'put', '/taskRuns/{taskRunName}', '200 201', 'TaskRun', 'TaskRun'],
  ['TaskRuns_Update', 'patch', '/taskRuns/{taskRunName}', '200 201', 'TaskRunUpdateParameters', 'TaskRun'],
  ['TaskRuns_Delete', 'delete', '/taskRuns/{taskRunName}', '200 204'],
  ['TaskRuns_GetDetails', 'post', '/taskRuns/{taskRunName}/listDetails', '200', '', 'TaskRun'],
  ['Tasks_List', 'get', '/tasks', '200', '', 'TaskListResult'],
  ['Tasks_Get', 'get', '/tasks/{taskName}', '200', '', 'Task'],
  ['Tasks_Create', 'put', '/tasks/{taskName}', '200 201', 'Task', 'Task'],
  ['Tasks_Update', 'patch', '/tasks/{taskName}', '200', 'TaskUpdateParameters', 'Task'],
  ['Tasks_Delete', 'delete', '/tasks/{taskName}', '200 204'],
  ['Tasks_GetDetails', 'post', '/tasks/{taskName}/listDetails', '200', '', 'Task'],
];

function referenceOf(content: Record<string, { schema: { $ref: string } }> | undefined): string {
  return content?.['application/json']?.schema.$ref.replace('#/components/schemas/', '') ?? '';
}

describe('the OpenAPI document', () => {
  for (const [operationId, method, path, statuses, request = '', answer = ''] of specified) {
    test(`describes ${operationId}`, () => {
      const operation = document.paths[`${registry}${path}`]?.[method];
      assert.ok(operation);
      assert.equal(operation.operationId, operationId);
      assert.deepEqual(Object.keys(operation.responses), [...statuses.split(' '), 'default']);
      assert.equal(referenceOf(operation.requestBody?.content), request);
      const [success = ''] = statuses.split(' ');
      assert.equal(referenceOf(operation.responses[success]?.content), answer);
      assert.equal(referenceOf(operation.responses.default?.content), 'ErrorResponse');
    });
  }

  for (const operationId of [
    'AgentPools_Create',
    'AgentPools_Update',
    'TaskRuns_Create',
    'TaskRuns_Update',
  ]) {
    test(`gives the 201 of ${operationId} its headers`, () => {
      const operation = described.find((each) => each.operationId === operationId);
      assert.deepEqual(Object.keys(operation?.responses['201']?.headers ?? {}), [
        'Azure-AsyncOperation',
        'Retry-After',
      ]);
    });
  }

  test('has no operation twice', () => {
    const ids = described.map(({ operationId }) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids.length, 25 + 17 + 15);
  });

  test('refers only to what it holds', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/([^"]+)"/g)];
    assert.ok(references.length > 100);
    for (const [, path = ''] of references) {
      const [kind = '', name = ''] = path.split('/');
      const held: Record<string, object> = { ...document.components };
      assert.ok(name in (held[kind] ?? {}), path);
    }
  });

  test('asks for the api-version and for every name in a path', () => {
    assert.equal(document.components.parameters['api-version']?.required, true);
    for (const [path, { parameters }] of Object.entries(document.paths)) {
      const names = parameters.map((each) => ('name' in each ? `{${String(each.name)}}` : '$ref'));
      assert.deepEqual(names, ['$ref', ...(path.match(/\{\w+\}/g) ?? [])]);
    }
    const list = document.paths[`${registry}/runs`]?.get;
    assert.deepEqual(
      list?.parameters?.map(({ name }) => name),
      ['$filter', '$top'],
    );
  });

  test('says what is required, read-only, secret and given by default', () => {
    const { schemas } = document.components;
    assert.deepEqual(schemas.DockerBuildRequest?.required, [
      'type',
      'platform',
      'dockerFilePath',
      'sourceLocation',
    ]);
    assert.equal(schemas.DockerBuildRequest?.properties?.timeout?.default, 3600);
    assert.equal(schemas.Task?.properties?.id?.readOnly, true);
    assert.equal(schemas.Task?.properties?.systemData?.readOnly, true);
    assert.equal(schemas.SystemData?.readOnly, undefined);
    assert.equal(schemas.AuthInfo?.properties?.token?.writeOnly, true);
    assert.equal(schemas.TaskUpdateParameters?.required, undefined);
    assert.deepEqual(schemas.TimerTriggerUpdateParameters?.required, ['name']);
  });

  test('tells steps and requests apart by their type', () => {
    const { schemas } = document.components;
    assert.deepEqual(schemas.TaskStepProperties?.discriminator, {
      propertyName: 'type',
      mapping: {
        Docker: '#/components/schemas/DockerBuildStep',
        FileTask: '#/components/schemas/FileTaskStep',
        EncodedTask: '#/components/schemas/EncodedTaskStep',
      },
    });
    assert.equal((schemas.RunRequest?.oneOf as object[]).length, 4);
  });

  test('holds none of our own annotations', () => {
    assert.doesNotMatch(
      JSON.stringify(document),
      /"unit":"|"(refine|rule|isEchoed|secretIf|supported|mergeBy|mergesKeys|nullDeletes|\$id|~kind)":/,
    );
  });

  test('names its server', () => {
    assert.equal(document.openapi, '3.1.0');
    assert.deepEqual(document.servers, [{ url: 'https://here' }]);
  });
});
