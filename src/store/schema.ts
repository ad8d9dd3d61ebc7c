import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type {
  AgentPoolState,
  AgentPoolTier,
  BaseImageDependency,
  DeliveryStatus,
  HookRegistration,
  DeploymentCaller,
  DeploymentDependency,
  DeploymentError,
  EventFormat,
  EventType,
  ImageDescriptor,
  LogArtifact,
  OperationStatus,
  Platform,
  ProvisioningState,
  RunDependencies,
  RunStatus,
  ProviderType,
  RunTrigger,
  RunType,
  StepState,
  SystemData,
  TaskIdentity,
} from '../model/index.ts';

type Json<T extends object> = JSONColumnType<T>;
type Tags = Record<string, string>;

export interface SettingsTable {
  key: string;
  value: Json<object>;
}

export interface PrincipalsTable {
  object_id: string;
  client_id: string;
  display_name: string;
  secret_hash: string;
  created_at: Generated<Date>;
}

export interface RoleAssignmentsTable {
  object_id: string;
  scope: string;
  actions: Json<string[]>;
}

export interface SubscriptionsTable {
  subscription_id: string;
  display_name: string;
  tenant_id: string;
}

export interface ResourceGroupsTable {
  subscription_id: string;
  name: string;
  /** `name` in lower case: names in ARM ids are case-insensitive. */
  name_key: string;
  location: string;
  tags: Json<Tags>;
  /** Since when it is being deleted, with what is in it. */
  deleting_at: Date | null;
}

export interface RegistriesTable {
  registry_id: string;
  subscription_id: string;
  resource_group_key: string;
  name: string;
  name_key: string;
  location: string;
  sku: string;
  tags: Json<Tags>;
  is_admin_user_enabled: boolean;
  /** The two admin passwords, sealed. */
  admin_passwords: Json<string[]>;
  properties: Json<Record<string, unknown>>;
  login_server: string;
  login_port: number;
  system_data: Json<SystemData>;
  run_counter: Generated<number>;
  created_at: Generated<Date>;
  /** Since when it is being deleted; nobody sees it any more. */
  deleting_at: Date | null;
}

export interface AgentsTable {
  agent_id: string;
  name: string;
  instance_id: string;
  /** As the agent named it. */
  pool: string;
  /** Null in the default pool. */
  pool_id: string | null;
  os: string;
  architecture: string;
  token_hash: string;
  registered_at: Generated<Date>;
  last_seen_at: Generated<Date>;
}

export interface RunsTable {
  run_key: Generated<number>;
  registry_id: string;
  run_id: string;
  status: RunStatus;
  run_type: RunType;
  queue_name: string;
  agent_pool_name: string | null;
  task_name: string | null;
  /** What started it by itself. */
  trigger: JSONColumnType<RunTrigger> | null;
  /** The validated request with its secrets sealed. */
  request: Json<object>;
  platform: Json<Platform>;
  cpu: number;
  timeout_seconds: number;
  create_time: ColumnType<Date, Date, never>;
  start_time: Date | null;
  finish_time: Date | null;
  last_updated_time: Date;
  output_images: Json<ImageDescriptor[]>;
  dependencies: Json<RunDependencies[]>;
  is_archive_enabled: boolean;
  error_message: string | null;
  source_registry_auth: string | null;
  custom_registries: Json<string[]>;
  attempt: Generated<number>;
  agent_id: string | null;
  lease_until: Date | null;
  cancel_requested_at: Date | null;
  log_size_bytes: Generated<number>;
  /** Where in the log the current attempt began. */
  attempt_log_start: Generated<number>;
  /** The log was moved from its chunks into one blob. */
  is_log_sealed: Generated<boolean>;
  /** Where the log goes as an artifact. */
  log_template: string | null;
  /** Where the log went. */
  log_artifact: JSONColumnType<LogArtifact> | null;
  /** When to try again after a push that failed. */
  log_artifact_retry_at: Date | null;
  /** Client id of whoever asked for it. */
  requested_by: string | null;
}

export interface RunLogChunksTable {
  run_key: number;
  start_byte: number;
  bytes: Uint8Array;
}

export interface RunStepsTable {
  run_key: number;
  /** Which attempt of the run it belongs to. */
  attempt: number;
  step_id: string;
  /** Where it stands in the task, from 0. */
  position: number;
  kind: StepState['kind'];
  status: StepState['status'];
  depends_on: Json<string[]>;
  attempts: number;
  start_time: Date | null;
  finish_time: Date | null;
  exit_code: number | null;
  error_message: string | null;
  is_error_ignored: boolean;
}

/** Places for source archives that were handed out. */
export interface UploadsTable {
  registry_id: string;
  path: string;
  /** When it was handed out, or a run began that reads it. */
  last_used_at: Date;
}

/** Blobs whose row is gone, and that are still to go themselves; filled by the database. */
export interface RemovedBlobsTable {
  container: string;
  blob: string;
}

export interface OperationsTable {
  operation_id: string;
  /** Id of the resource in lower case. */
  resource_key: string;
  /** The run whose end is the operation's. */
  run_key: number | null;
  status: OperationStatus;
  error: JSONColumnType<{ code: string; message: string }> | null;
  created_at: Generated<Date>;
  ended_at: Date | null;
}

export interface TasksTable {
  registry_id: string;
  name: string;
  name_key: string;
  location: string;
  tags: Json<Tags>;
  identity: JSONColumnType<TaskIdentity> | null;
  /** The checked properties with their secrets sealed. */
  properties: Json<object>;
  /** Of its last successful run. */
  base_image_dependencies: ColumnType<BaseImageDependency[], string | undefined, string>;
  system_data: Json<SystemData>;
  creation_date: Generated<Date>;
}

/** The enabled timers of enabled tasks. */
export interface TaskTimersTable {
  registry_id: string;
  task_key: string;
  name: string;
  schedule: string;
  next_occurrence: Date;
  /** When that was computed, by the database's clock. */
  set_at: Generated<Date>;
  /** That became a delivery last. */
  last_occurrence: Date | null;
}

/** Events that may start a run of a task; see `Delivery`. */
export interface DeliveriesTable {
  delivery_id: Generated<number>;
  registry_id: string;
  task_name: string;
  trigger_name: string;
  /** The same for one event, however often it comes. */
  event_key: string;
  trigger: Json<RunTrigger>;
  status: DeliveryStatus;
  reason: string | null;
  run_id: string | null;
  tries: Generated<number>;
  received_at: Date;
  decided_at: Date | null;
  next_try_at: Date;
  redelivery_of: number | null;
  /** Of what a webhook sent, so that it counts once under whatever id it comes. */
  payload_digest: string | null;
}

/** The webhooks of source triggers; see `SourceHook`. */
export interface SourceHooksTable {
  hook_id: string;
  registry_id: string;
  task_key: string;
  trigger_name: string;
  source_control_type: ProviderType;
  repository_url: string;
  secret: string;
  token: string | null;
  is_gone: Generated<boolean>;
  registration: HookRegistration;
  registration_error: string | null;
  report_error: string | null;
  tries: Generated<number>;
  /** Null when there is nothing to do. */
  next_try_at: Date | null;
  /** When the provider was last asked whether it has it. */
  checked_at: Date | null;
  /** When it was gone there and was registered again. */
  restored_at: Date | null;
  /** The URL that the provider was told; null in rows of before that was kept. */
  registered_url: string | null;
  /** Until when whoever asks the provider has it for itself. */
  taken_until: Date | null;
}

/** Runs whose commits show where they stand. */
export interface CommitReportsTable {
  registry_id: string;
  run_id: string;
  hook_id: string;
  task_key: string;
  source_control_type: ProviderType;
  repository_url: string;
  token: string;
  commit_id: string;
  is_pending_reported: Generated<boolean>;
  /** Set by the database when the run ends. */
  has_ended: Generated<boolean>;
  tries: Generated<number>;
  next_try_at: Date;
}

/** What a task's images stand on, as its last successful run found it. */
export interface TaskBaseImagesTable {
  registry_id: string;
  task_key: string;
  type: BaseImageDependency['type'];
  registry: string;
  repository: string;
  tag: string;
  /** What the task was built from; null when its run could not tell. */
  digest: string | null;
  /** The run that built from this digest first. */
  since_run_key: number;
}

/** What a task's last successful run made. */
export interface TaskOutputImagesTable {
  registry_id: string;
  task_key: string;
  registry: string;
  repository: string;
  tag: string;
}

/** Each image that some task stands on, once. */
export interface WatchedImagesTable {
  registry: string;
  repository: string;
  tag: string;
  next_check_at: Date;
  /** Checks in vain since the last that worked. */
  failures: Generated<number>;
  /** Of the pushes that were heard of and are not looked at yet. */
  first_pushed_at: Date | null;
  last_pushed_at: Date | null;
  /** What was pushed last, and the run that did so. */
  pushed_digest: string | null;
  pushed_by: number | null;
  /** When it was looked at last, and what was wrong then. */
  checked_at: Date | null;
  last_error: string | null;
}

/** A registry that is left alone for a while. */
export interface RestingRegistriesTable {
  registry: string;
  until: Date;
  /** How often in a row it had to be. */
  failures: Generated<number>;
}

/** Who hears of the runs of a registry. */
export interface EventSubscriptionsTable {
  registry_id: string;
  name: string;
  name_key: string;
  endpoint: string;
  sealed_secret: string;
  event_types: Json<EventType[]>;
  format: EventFormat;
  status: 'Enabled' | 'Disabled';
}

/** What is to be posted to somebody, written with the change that it tells of. */
export interface OutgoingMessagesTable {
  message_id: Generated<number>;
  registry_id: string;
  /** Null for the endpoint of a base image trigger. */
  subscription_key: string | null;
  /** Of a base image trigger; a subscription's is asked for when it is sent. */
  endpoint: string | null;
  event_type: string;
  run_id: string;
  body: Json<object>;
  /** The `updateTriggerToken` that goes with it. */
  sealed_token: string | null;
  status: Generated<'Pending' | 'Sent' | 'Failed'>;
  tries: Generated<number>;
  created_at: Date;
  next_try_at: Date;
  ended_at: Date | null;
  last_error: string | null;
}

export interface TaskRunsTable {
  registry_id: string;
  name_key: string;
  name: string;
  location: string | null;
  tags: Json<Tags> | null;
  /** As the client sent it. */
  identity: Json<object> | null;
  /** The object id of the task run's own identity, for as long as it is there. */
  principal_id: string;
  /** The validated request with its secrets sealed. */
  run_request: Json<object>;
  force_update_tag: string | null;
  system_data: Json<SystemData>;
  /** The run that it began last, also when that was purged. */
  run_key: number | null;
  /** Whether the task run was there before it began that run. */
  is_update: boolean;
  /** Counts the changes of the row. */
  revision: Generated<number>;
}

export interface AgentPoolsTable {
  pool_id: string;
  registry_id: string;
  name: string;
  name_key: string;
  location: string;
  tags: Json<Tags>;
  count: number;
  tier: AgentPoolTier;
  os: string;
  provisioning_state: AgentPoolState;
  /** When the state last changed. */
  changed_at: Generated<Date>;
  /** The token with which agents join this pool only, sealed. */
  join_token: string;
  join_token_hash: string;
  /** The server that starts its agents, and until when it has said so. */
  host_id: string | null;
  host_until: Date | null;
  system_data: Json<SystemData>;
}

export interface DeploymentsTable {
  /** Also the id of the operation that makes it. */
  deployment_id: string;
  subscription_id: string;
  resource_group_key: string;
  name: string;
  name_key: string;
  tags: Json<Tags> | null;
  correlation_id: string;
  /** On whose authority the resources are made. */
  caller: Json<DeploymentCaller>;
  template_hash: string;
  provisioning_state: ProvisioningState;
  /** Template and parameters, sealed as a whole. */
  sealed_request: string;
  /** As they are answered: without the values of secure ones. */
  parameters: Json<object>;
  dependencies: Json<DeploymentDependency[]>;
  outputs: Json<object> | null;
  output_resources: Json<string[]>;
  error: Json<DeploymentError> | null;
  created_at: Generated<Date>;
  ended_at: Date | null;
  /** The server that performs it, while its lease lasts. */
  lease_owner: string | null;
  lease_until: Date | null;
}

export interface DeploymentOperationsTable {
  deployment_id: string;
  /** Where it stands in the deployment's order, from 0. */
  position: number;
  resource_id: string;
  resource_type: string;
  state: ProvisioningState;
  status_code: string | null;
  /** The resource's error. */
  status_message: Json<object> | null;
  /** Where the resource's own long-running operation is asked for. */
  polling_path: string | null;
  started_at: Generated<Date>;
  ended_at: Date | null;
}

/** One version of a secret in a vault of a registry. */
export interface VaultSecretsTable {
  /** Grows: the newest version has the greatest. */
  secret_key: Generated<number>;
  registry_id: string;
  vault: string;
  name: string;
  name_key: string;
  version: string;
  sealed_value: string;
  created_at: Date;
}

export interface Database {
  deployments: DeploymentsTable;
  deployment_operations: DeploymentOperationsTable;
  settings: SettingsTable;
  principals: PrincipalsTable;
  role_assignments: RoleAssignmentsTable;
  subscriptions: SubscriptionsTable;
  resource_groups: ResourceGroupsTable;
  registries: RegistriesTable;
  agents: AgentsTable;
  runs: RunsTable;
  run_log_chunks: RunLogChunksTable;
  run_steps: RunStepsTable;
  operations: OperationsTable;
  agent_pools: AgentPoolsTable;
  tasks: TasksTable;
  task_timers: TaskTimersTable;
  deliveries: DeliveriesTable;
  task_base_images: TaskBaseImagesTable;
  task_output_images: TaskOutputImagesTable;
  watched_images: WatchedImagesTable;
  resting_registries: RestingRegistriesTable;
  event_subscriptions: EventSubscriptionsTable;
  outgoing_messages: OutgoingMessagesTable;
  source_hooks: SourceHooksTable;
  commit_reports: CommitReportsTable;
  task_runs: TaskRunsTable;
  uploads: UploadsTable;
  removed_blobs: RemovedBlobsTable;
  vault_secrets: VaultSecretsTable;
}
