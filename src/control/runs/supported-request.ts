import { ServiceError } from '../../model/index.ts';
import type { DockerBuildRequest, RunRequest, TaskRunRequest } from '../../spec/index.ts';

/**
 * A request that this version performs; the others are valid, but refused.
 * @throws ServiceError 400 `NotSupported`.
 */
export function requireSupported(request: Exclude<RunRequest, TaskRunRequest>): DockerBuildRequest {
  if (request.type === 'DockerBuildRequest') return request;
  const message = `type is ${request.type}; this version performs Docker builds only`;
  throw new ServiceError(400, 'NotSupported', message, { target: 'type' });
}
