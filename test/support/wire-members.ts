// Every operation of `Microsoft.ContainerRegistry` 2025-03-01-preview (tasks) and every member of its
// requests and answers, as the published description of the API has them. A member is `name:kind`,
// `name{…}` an object, `name[…]` a list; `object` is one whose members the description leaves open.

const image = 'registry:string repository:string tag:string digest:string';
const platform = 'platform{os:enum architecture:enum variant:enum}';
const identity = 'identity{principalId:string tenantId:string type:enum userAssignedIdentities:object}';

const agentPool = `{properties{
  count:integer tier:string os:enum virtualNetworkSubnetResourceId:string provisioningState:enum}}`;

const run = `{properties{
  runId:string status:enum lastUpdatedTime:string runType:enum agentPoolName:string createTime:string
  startTime:string finishTime:string outputImages[{${image}}] task:string
  imageUpdateTrigger{id:string timestamp:string images[{${image}}]}
  sourceTrigger{
    id:string eventType:string commitId:string pullRequestId:string repositoryUrl:string branchName:string
    providerType:string}
  timerTrigger{timerTriggerName:string scheduleOccurrence:string}
  ${platform} agentConfiguration{cpu:integer} sourceRegistryAuth:string customRegistries[string]
  runErrorMessage:string updateTriggerToken:string logArtifact{${image}} provisioningState:enum
  isArchiveEnabled:boolean}}`;

const runRequest = '{type:string isArchiveEnabled:boolean agentPoolName:string logTemplate:string}';

const taskRun = `{
  properties{provisioningState:enum runRequest${runRequest} runResult${run} forceUpdateTag:string}
  ${identity} location:string}`;

const taskRunUpdate = `{
  ${identity} properties{runRequest${runRequest} forceUpdateTag:string} location:string tags:object}`;

const trigger = `trigger{
  timerTriggers[{schedule:string status:enum name:string}]
  sourceTriggers[{
    sourceRepository{
      sourceControlType:enum repositoryUrl:string branch:string
      sourceControlAuthProperties{
        tokenType:enum token:string refreshToken:string scope:string expiresIn:integer}}
    sourceTriggerEvents[string] status:enum name:string}]
  baseImageTrigger{
    baseImageTriggerType:enum updateTriggerEndpoint:string updateTriggerPayloadType:enum status:enum
    name:string}}`;

const taskWork = `
  status:enum ${platform} agentConfiguration{cpu:integer} agentPoolName:string timeout:integer ${trigger}
  credentials{sourceRegistry{identity:string loginMode:enum} customRegistries:object} logTemplate:string`;

const task = `{
  properties{
    provisioningState:enum creationDate:string ${taskWork} isSystemTask:boolean
    step{
      type:enum baseImageDependencies[{type:enum ${image}}] contextPath:string contextAccessToken:string}}
  ${identity}}`;

const taskUpdate = `{
  properties{${taskWork} step{type:enum contextPath:string contextAccessToken:string}}
  ${identity} tags:object}`;

const begun = 'azure-asyncoperation retry-after';
const pageOf = (resource: string): string => `{value[${resource}] nextLink:string}`;

/** The answer `default` of every operation. */
export const errorMembers = `{error{
  code:string message:string target:string details[object] additionalInfo[{type:string info:object}]}}`;

export interface WireOperation {
  readonly operationId: string;
  readonly method: string;
  /** Below the registry. */
  readonly path: string;
  readonly query?: string;
  readonly request?: string;
  /** By status: the members of the body, and the headers. */
  readonly responses: Readonly<Record<number, { readonly body?: string; readonly headers?: string }>>;
}

const pool = '/agentPools/{agentPoolName}';
const oneRun = '/runs/{runId}';
const oneTask = '/tasks/{taskName}';
const oneTaskRun = '/taskRuns/{taskRunName}';

const operation = (
  operationId: string,
  line: string,
  responses: WireOperation['responses'],
  more: { query?: string; request?: string } = {},
): WireOperation => {
  const [method = '', path = ''] = line.split(' ', 2);
  return { operationId, method, path, responses, ...more };
};

/** The 25 operations. */
export const wireOperations: readonly WireOperation[] = [
  operation('AgentPools_List', 'GET /agentPools', { 200: { body: pageOf(agentPool) } }),
  operation('AgentPools_Get', `GET ${pool}`, { 200: { body: agentPool } }),
  operation(
    'AgentPools_Create',
    `PUT ${pool}`,
    { 200: { body: agentPool }, 201: { body: agentPool, headers: begun } },
    { request: agentPool },
  ),
  operation(
    'AgentPools_Update',
    `PATCH ${pool}`,
    { 200: { body: agentPool }, 201: { body: agentPool, headers: begun } },
    { request: '{properties{count:integer} tags:object}' },
  ),
  operation('AgentPools_Delete', `DELETE ${pool}`, { 202: { headers: 'location retry-after' }, 204: {} }),
  operation('AgentPools_GetQueueStatus', `POST ${pool}/listQueueStatus`, {
    200: { body: '{count:integer}' },
  }),
  operation('Registries_GetBuildSourceUploadUrl', 'POST /listBuildSourceUploadUrl', {
    200: { body: '{uploadUrl:string relativePath:string}' },
  }),
  operation('Registries_ScheduleRun', 'POST /scheduleRun', { 200: { body: run } }, { request: runRequest }),
  operation('Runs_List', 'GET /runs', { 200: { body: pageOf(run) } }, { query: '$filter $top' }),
  operation('Runs_Get', `GET ${oneRun}`, { 200: { body: run } }),
  operation(
    'Runs_Update',
    `PATCH ${oneRun}`,
    { 200: { body: run } },
    { request: '{isArchiveEnabled:boolean}' },
  ),
  operation('Runs_Cancel', `POST ${oneRun}/cancel`, { 200: {} }),
  operation('Runs_GetLogSasUrl', `POST ${oneRun}/listLogSasUrl`, {
    200: { body: '{logLink:string logArtifactLink:string}' },
  }),
  operation('TaskRuns_List', 'GET /taskRuns', { 200: { body: pageOf(taskRun) } }),
  operation('TaskRuns_Get', `GET ${oneTaskRun}`, { 200: { body: taskRun } }),
  operation(
    'TaskRuns_Create',
    `PUT ${oneTaskRun}`,
    { 200: { body: taskRun }, 201: { body: taskRun, headers: begun } },
    { request: taskRun },
  ),
  operation(
    'TaskRuns_Update',
    `PATCH ${oneTaskRun}`,
    { 200: { body: taskRun }, 201: { body: taskRun, headers: begun } },
    { request: taskRunUpdate },
  ),
  operation('TaskRuns_Delete', `DELETE ${oneTaskRun}`, { 200: {}, 204: {} }),
  operation('TaskRuns_GetDetails', `POST ${oneTaskRun}/listDetails`, { 200: { body: taskRun } }),
  operation('Tasks_List', 'GET /tasks', { 200: { body: pageOf(task) } }),
  operation('Tasks_Get', `GET ${oneTask}`, { 200: { body: task } }),
  operation(
    'Tasks_Create',
    `PUT ${oneTask}`,
    { 200: { body: task }, 201: { body: task } },
    { request: task },
  ),
  operation('Tasks_Update', `PATCH ${oneTask}`, { 200: { body: task } }, { request: taskUpdate }),
  operation('Tasks_Delete', `DELETE ${oneTask}`, { 200: {}, 204: {} }),
  operation('Tasks_GetDetails', `POST ${oneTask}/listDetails`, { 200: { body: task } }),
];

/** Members that only the server sets, wherever they stand in a request. */
export const readOnlyMembers: ReadonlySet<string> = new Set([
  ...['provisioningState', 'creationDate', 'baseImageDependencies', 'runResult', 'principalId', 'tenantId'],
]);

/** One member of a body: its path (`[]` is an item of a list) and its kind. */
export interface WireMember {
  readonly path: readonly string[];
  readonly kind: string;
}

/** The members of a body in the notation above, leaves only. */
export function membersOf(notation: string): WireMember[] {
  const tokens = notation.match(/[\w$-]+:\w+|[\w$-]+|[{}[\]]/g) ?? [];
  const members: WireMember[] = [];
  const path: string[] = [];
  let name: string | undefined;
  for (const [index, token] of tokens.entries()) {
    if (token === '{' || token === '[') {
      if (index > 0 && name !== undefined) path.push(name);
      if (token === '[') path.push('[]');
      name = undefined;
    } else if (token === '}' || token === ']') {
      // An item ends with its list; what has a name ends with its bracket.
      if (token === ']' || path.at(-1) !== '[]') path.pop();
      if (token === ']') path.pop();
    } else if (token.includes(':')) {
      const [member = '', kind = ''] = token.split(':');
      members.push({ path: [...path, member], kind });
    } else if (path.at(-1) === '[]' && tokens[index + 1] === ']') {
      members.push({ path: [...path], kind: token });
    } else {
      name = token;
    }
  }
  return members;
}
