import type { ErrorDetail } from '../../model/index.ts';
import {
  memberPath,
  refuseOffences,
  type DockerBuildRequest,
  type RunRequest,
  type TaskRunRequest,
} from '../../spec/index.ts';

/**
 * A request that this version performs; the others are valid, but refused.
 * @throws ServiceError 400 `NotSupported` with every reason in `details`.
 */
export function requireSupported(request: Exclude<RunRequest, TaskRunRequest>): DockerBuildRequest {
  const offences: ErrorDetail[] = [];
  const refuse = (target: string, message: string): void => {
    offences.push({ code: 'NotSupported', message: `${target} ${message}`, target });
  };
  if (request.logTemplate)
    refuse('logTemplate', 'is not supported yet: leave it out, logs are kept with their runs');
  refuseCredentials(request.credentials ?? {}, refuse);
  if (request.type !== 'DockerBuildRequest')
    refuse('type', `is ${request.type}; this version performs Docker builds only`);
  refuseOffences(offences);
  return request as DockerBuildRequest; // every other type was refused just above
}

function refuseCredentials(
  { sourceRegistry, customRegistries = {} }: NonNullable<DockerBuildRequest['credentials']>,
  refuse: (target: string, message: string) => void,
): void {
  const identity = sourceRegistry?.identity;
  if (identity !== undefined && identity.toLowerCase() !== '[caller]')
    refuse('credentials.sourceRegistry.identity', 'is not supported yet, except [caller]');
  for (const [host, registry] of Object.entries(customRegistries)) {
    const path = memberPath('credentials.customRegistries', host);
    if (registry.identity !== undefined)
      refuse(`${path}.identity`, 'is not supported yet; give userName and password');
    for (const name of ['userName', 'password'] as const) {
      if (registry[name]?.type === 'Vaultsecret')
        refuse(`${path}.${name}.type`, 'is Vaultsecret; only Opaque is supported yet');
    }
  }
}
