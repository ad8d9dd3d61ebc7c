import {
  architectures,
  defaultCpu,
  loginModes,
  operatingSystems,
  timeoutLimits,
  variants,
  type Argument,
  type CustomRegistryCredential,
  type Platform,
  type RunCredentials,
  type RunRequest,
  type RunRequestBase,
  type Secret,
} from '../../model/index.ts';
import {
  flag,
  integer,
  itemReader,
  listOf,
  objectOf,
  read,
  refuse,
  secret,
  text,
  word,
  type Reader,
} from './read.ts';

const requestTypes = [
  'DockerBuildRequest',
  'FileTaskRunRequest',
  'EncodedTaskRunRequest',
  'TaskRunRequest',
] as const;

/** The body of Registries_ScheduleRun. @throws ServiceError 400 with every offence in `details`. */
export function readRunRequest(body: unknown): RunRequest {
  return read(body, (reader) => {
    const type = word(reader, 'type', requestTypes, { isRequired: true });
    if (type !== undefined && type !== 'DockerBuildRequest') {
      const message = `is ${type}; this version performs DockerBuildRequest only`;
      refuse(reader, 'type', message, 'NotSupported');
    }
    return dockerBuildRequest(reader);
  });
}

function dockerBuildRequest(reader: Reader): RunRequest {
  const target = text(reader, 'target', { maxLength: 200 });
  const request: RunRequest = {
    type: 'DockerBuildRequest',
    ...requestBase(reader),
    imageNames: listOf(reader, 'imageNames', (item, name) => imageName(reader, item, name), 100),
    isPushEnabled: flag(reader, 'isPushEnabled') ?? true,
    noCache: flag(reader, 'noCache') ?? false,
    dockerFilePath: text(reader, 'dockerFilePath', { isRequired: true }) ?? '',
    ...(target !== undefined && target !== '' && { target }),
    arguments: listOf(reader, 'arguments', (item, name) => argument(reader, item, name)),
  };
  if (!text(reader, 'sourceLocation'))
    refuse(reader, 'sourceLocation', 'is required by a DockerBuildRequest', 'MissingParameter');
  return request;
}

function imageName(reader: Reader, item: unknown, name: string): string | undefined {
  if (typeof item === 'string' && /^[^\s\0]{1,1024}$/.test(item)) return item;
  return refuse(reader, name, 'must be an image name such as app:v1');
}

function argument(reader: Reader, item: unknown, name: string): Argument | undefined {
  const members = itemReader(reader, item, name);
  if (!members) return undefined;
  const isSecret = flag(members, 'isSecret') ?? false;
  const argumentName = text(members, 'name', { isRequired: true, maxLength: 256 });
  // A value may be empty, but has to be there.
  const value = isSecret ? secret(members, 'value') : text(members, 'value', { maxLength: 65_536 });
  if (members.value.value === undefined || members.value.value === null) {
    refuse(members, 'value', 'is required', 'MissingParameter');
  }
  return argumentName === undefined || value === undefined ? undefined : { name: argumentName, value };
}

function requestBase(reader: Reader): RunRequestBase {
  const { minimumSeconds, maximumSeconds, defaultSeconds } = timeoutLimits;
  const limits = { minimum: minimumSeconds, maximum: maximumSeconds, unit: 'seconds' };
  const agent = objectOf(reader, 'agentConfiguration');
  const agentPoolName = text(reader, 'agentPoolName', { maxLength: 20 });
  const sourceLocation = text(reader, 'sourceLocation');
  if (agentPoolName !== undefined && !/^[a-zA-Z0-9-]{3,20}$/.test(agentPoolName)) {
    refuse(reader, 'agentPoolName', 'must be 3 to 20 letters, digits or hyphens');
  }
  if (text(reader, 'logTemplate')) {
    refuse(
      reader,
      'logTemplate',
      'is not supported yet: leave it out, logs are kept with their runs',
      'NotSupported',
    );
  }
  return {
    platform: platform(reader),
    timeoutSeconds: integer(reader, 'timeout', limits) ?? defaultSeconds,
    cpu: (agent && integer(agent, 'cpu', { minimum: 1, maximum: 64 })) ?? defaultCpu,
    isArchiveEnabled: flag(reader, 'isArchiveEnabled') ?? false,
    ...(agentPoolName !== undefined && { agentPoolName }),
    ...(sourceLocation !== undefined && { sourceLocation }),
    credentials: credentials(reader),
  };
}

/** Members keep the case in which they came. */
function platform(reader: Reader): Platform {
  const members = objectOf(reader, 'platform', { isRequired: true });
  if (!members) return { os: 'Linux' };
  const asSent = (name: string, words: readonly string[], isRequired = false): string | undefined =>
    word(members, name, words, { isRequired }) && text(members, name);
  const os = asSent('os', operatingSystems, true);
  const architecture = asSent('architecture', architectures);
  const variant = asSent('variant', variants);
  return {
    os: os ?? 'Linux',
    ...(architecture !== undefined && { architecture }),
    ...(variant !== undefined && { variant }),
  };
}

function credentials(reader: Reader): RunCredentials {
  const members = objectOf(reader, 'credentials');
  const source = members && objectOf(members, 'sourceRegistry');
  const registries = members && objectOf(members, 'customRegistries');
  const identity = source && text(source, 'identity');
  if (source && identity && identity.toLowerCase() !== '[caller]') {
    refuse(source, 'identity', 'is not supported yet, except [caller]', 'NotSupported');
  }
  const customRegistries = Object.keys(registries?.value ?? {}).flatMap((host) =>
    registries ? (customRegistry(registries, host) ?? []) : [],
  );
  return {
    loginMode: (source && word(source, 'loginMode', loginModes)) ?? 'Default',
    customRegistries,
  };
}

function customRegistry(registries: Reader, host: string): CustomRegistryCredential | undefined {
  const members = objectOf(registries, host);
  if (!members) return undefined;
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(host)) {
    refuse(registries, host, 'must be named by a registry host such as registry.example.com');
  }
  if (text(members, 'identity'))
    refuse(members, 'identity', 'is not supported yet; give userName and password', 'NotSupported');
  const userName = secretObject(members, 'userName');
  const password = secretObject(members, 'password');
  return userName && password ? { registry: host, userName: userName.reveal(), password } : undefined;
}

function secretObject(reader: Reader, name: string): Secret | undefined {
  const members = objectOf(reader, name, { isRequired: true });
  if (!members) return undefined;
  const type = word(members, 'type', ['Opaque', 'Vaultsecret']);
  if (type === 'Vaultsecret')
    refuse(members, 'type', 'is Vaultsecret; only Opaque is supported yet', 'NotSupported');
  return secret(members, 'value', { isRequired: true });
}
