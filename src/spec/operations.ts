import { integer, text } from './members.ts';
import { begun, registryPath, retryAfter, type Operation } from './operation.ts';
import { registryOperations } from './registry-operations.ts';
import {
  agentPool,
  agentPoolListResult,
  agentPoolQueueStatus,
  agentPoolUpdate,
} from './schemas/agent-pool.ts';
import { runLogResult, sourceUploadDefinition } from './schemas/answers.ts';
import { runRequest } from './schemas/run-request.ts';
import { runStepListResult } from './schemas/run-step.ts';
import { run, runListResult, runUpdate } from './schemas/run.ts';
import { taskRun, taskRunListResult, taskRunUpdate } from './schemas/task-run.ts';
import { task, taskListResult, taskUpdate } from './schemas/task.ts';
import { triggerOperations } from './trigger-operations.ts';

const pools = `${registryPath}/agentPools`;
const pool = `${pools}/{agentPoolName}`;
const runs = `${registryPath}/runs`;
const oneRun = `${runs}/{runId}`;
const tasks = `${registryPath}/tasks`;
const oneTask = `${tasks}/{taskName}`;
const taskRuns = `${registryPath}/taskRuns`;
const oneTaskRun = `${taskRuns}/{taskRunName}`;

const agentPoolOperations: readonly Operation[] = [
  {
    operationId: 'AgentPools_List',
    method: 'get',
    path: pools,
    summary: 'Lists the agent pools of a registry.',
    responses: { 200: { body: agentPoolListResult } },
  },
  {
    operationId: 'AgentPools_Get',
    method: 'get',
    path: pool,
    summary: 'Gets an agent pool.',
    responses: { 200: { body: agentPool } },
  },
  {
    operationId: 'AgentPools_Create',
    method: 'put',
    path: pool,
    summary: 'Makes an agent pool, or replaces its settings.',
    request: agentPool,
    responses: { 200: { body: agentPool }, 201: begun(agentPool) },
  },
  {
    operationId: 'AgentPools_Update',
    method: 'patch',
    path: pool,
    summary: 'Changes how many agents a pool has.',
    request: agentPoolUpdate,
    responses: { 200: { body: agentPool }, 201: begun(agentPool) },
  },
  {
    operationId: 'AgentPools_Delete',
    method: 'delete',
    path: pool,
    summary: 'Deletes an agent pool.',
    responses: {
      202: {
        headers: {
          Location: text({ description: 'Where the end of the operation can be asked for.' }),
          'Retry-After': retryAfter,
        },
      },
      204: {},
    },
  },
  {
    operationId: 'AgentPools_GetQueueStatus',
    method: 'post',
    path: `${pool}/listQueueStatus`,
    summary: 'Counts the runs that wait for an agent of a pool.',
    responses: { 200: { body: agentPoolQueueStatus } },
  },
];

const runOperations: readonly Operation[] = [
  {
    operationId: 'Registries_GetBuildSourceUploadUrl',
    method: 'post',
    path: `${registryPath}/listBuildSourceUploadUrl`,
    summary: 'Gives a place to which the source of a run can be uploaded.',
    responses: { 200: { body: sourceUploadDefinition } },
  },
  {
    operationId: 'Registries_ScheduleRun',
    method: 'post',
    path: `${registryPath}/scheduleRun`,
    summary: 'Queues a run.',
    request: runRequest,
    responses: { 200: { body: run } },
  },
  {
    operationId: 'Runs_List',
    method: 'get',
    path: runs,
    summary: 'Lists the runs of a registry, newest first.',
    query: {
      $filter: text({
        description:
          "Conditions such as Status eq 'Succeeded' and contains(OutputImageManifests, 'app@sha256:'); " +
          'eq ne gt ge lt le, and, or, parentheses.',
      }),
      $top: integer({ minimum: 1, description: 'At most so many runs.' }),
    },
    responses: { 200: { body: runListResult } },
  },
  {
    operationId: 'Runs_Get',
    method: 'get',
    path: oneRun,
    summary: 'Gets a run.',
    responses: { 200: { body: run } },
  },
  {
    operationId: 'Runs_Update',
    method: 'patch',
    path: oneRun,
    summary: 'Keeps a run, or no longer.',
    request: runUpdate,
    responses: { 200: { body: run } },
  },
  {
    operationId: 'Runs_Cancel',
    method: 'post',
    path: `${oneRun}/cancel`,
    summary: 'Cancels a run.',
    responses: { 200: {} },
  },
  {
    operationId: 'Runs_GetLogSasUrl',
    method: 'post',
    path: `${oneRun}/listLogSasUrl`,
    summary: 'Gives a signed URL under which the log of a run can be read.',
    responses: { 200: { body: runLogResult } },
  },
  {
    operationId: 'RunSteps_List',
    method: 'get',
    path: `${oneRun}/steps`,
    summary: 'Lists the steps of a run, in the order of its task file.',
    responses: { 200: { body: runStepListResult } },
  },
];

const taskOperations: readonly Operation[] = [
  {
    operationId: 'Tasks_List',
    method: 'get',
    path: tasks,
    summary: 'Lists the tasks of a registry.',
    responses: { 200: { body: taskListResult } },
  },
  {
    operationId: 'Tasks_Get',
    method: 'get',
    path: oneTask,
    summary: 'Gets a task, without its secrets.',
    responses: { 200: { body: task } },
  },
  {
    operationId: 'Tasks_Create',
    method: 'put',
    path: oneTask,
    summary: 'Makes a task, or replaces it.',
    request: task,
    responses: { 200: { body: task }, 201: { body: task } },
  },
  {
    operationId: 'Tasks_Update',
    method: 'patch',
    path: oneTask,
    summary: 'Changes parts of a task.',
    request: taskUpdate,
    responses: { 200: { body: task } },
  },
  {
    operationId: 'Tasks_Delete',
    method: 'delete',
    path: oneTask,
    summary: 'Deletes a task.',
    responses: { 200: {}, 204: {} },
  },
  {
    operationId: 'Tasks_GetDetails',
    method: 'post',
    path: `${oneTask}/listDetails`,
    summary: 'Gets a task with its secrets.',
    responses: { 200: { body: task } },
  },
];

const taskRunOperations: readonly Operation[] = [
  {
    operationId: 'TaskRuns_List',
    method: 'get',
    path: taskRuns,
    summary: 'Lists the task runs of a registry.',
    responses: { 200: { body: taskRunListResult } },
  },
  {
    operationId: 'TaskRuns_Get',
    method: 'get',
    path: oneTaskRun,
    summary: 'Gets a task run, without its secrets.',
    responses: { 200: { body: taskRun } },
  },
  {
    operationId: 'TaskRuns_Create',
    method: 'put',
    path: oneTaskRun,
    summary: 'Makes a task run and runs it.',
    request: taskRun,
    responses: { 200: { body: taskRun }, 201: begun(taskRun) },
  },
  {
    operationId: 'TaskRuns_Update',
    method: 'patch',
    path: oneTaskRun,
    summary: 'Changes parts of a task run and runs it again where they ask for it.',
    request: taskRunUpdate,
    responses: { 200: { body: taskRun }, 201: begun(taskRun) },
  },
  {
    operationId: 'TaskRuns_Delete',
    method: 'delete',
    path: oneTaskRun,
    summary: 'Deletes a task run.',
    responses: { 200: {}, 204: {} },
  },
  {
    operationId: 'TaskRuns_GetDetails',
    method: 'post',
    path: `${oneTaskRun}/listDetails`,
    summary: 'Gets a task run with its secrets.',
    responses: { 200: { body: taskRun } },
  },
];

/** Every operation of the API: the 25 of the specification, those of the resources around them, and ours. */
export const operations: readonly Operation[] = [
  ...runOperations,
  ...taskOperations,
  ...taskRunOperations,
  ...agentPoolOperations,
  ...registryOperations,
  ...triggerOperations,
];
