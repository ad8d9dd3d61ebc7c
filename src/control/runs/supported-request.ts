import type { ErrorDetail } from '../../model/index.ts';
import { memberPath, refuseOffences, type DockerBuildRequest } from '../../spec/index.ts';

/**
 * A request that this version performs; the others are valid, but refused.
 * @throws ServiceError 400 `NotSupported` with every reason in `details`.
 */
export function requireSupported<R extends Pick<DockerBuildRequest, 'credentials'>>(request: R): R {
  const offences: ErrorDetail[] = [];
  const refuse = (target: string, message: string): void => {
    offences.push({ code: 'NotSupported', message: `${target} ${message}`, target });
  };
  refuseCredentials(request.credentials ?? {}, refuse);
  refuseOffences(offences);
  return request;
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
