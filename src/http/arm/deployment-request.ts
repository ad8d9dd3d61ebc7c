import type { DeploymentRequest } from '../../control/index.ts';
import { ServiceError } from '../../model/index.ts';
import { check, deployment } from '../../spec/index.ts';
import { isObject } from '../../template/index.ts';

/** The body of a deployment. @throws ServiceError 400 that names the member. */
export function readDeployment(body: unknown): DeploymentRequest {
  const { tags } = check(deployment, body);
  const properties = isObject(body) ? body.properties : undefined;
  if (!isObject(properties)) throw refusal('properties', 'is required, and must be an object');
  const { mode, template, parameters, templateLink, parametersLink, onErrorDeployment } = properties;
  if (typeof mode !== 'string' || !/^(incremental|complete)$/i.test(mode)) {
    throw refusal('properties.mode', 'must be Incremental');
  }
  if (mode.toLowerCase() === 'complete') {
    throw unsupported(
      'properties.mode',
      "Complete mode would delete what is not in the template; use mode 'Incremental'",
    );
  }
  if (templateLink !== undefined && templateLink !== null) {
    throw unsupported(
      'properties.templateLink',
      'This server fetches no templates; send the template itself (--template-file)',
    );
  }
  if (parametersLink !== undefined && parametersLink !== null) {
    throw unsupported(
      'properties.parametersLink',
      'This server fetches no parameters; send the parameters themselves',
    );
  }
  if (onErrorDeployment !== undefined && onErrorDeployment !== null) {
    throw unsupported(
      'properties.onErrorDeployment',
      'There is no rollback to an earlier deployment; deploy that again',
    );
  }
  if (!isObject(template)) throw refusal('properties.template', 'is required, and must be an object');
  return { template, parameters, ...(tags && { tags }) };
}

function refusal(target: string, rule: string): ServiceError {
  return new ServiceError(
    400,
    'InvalidRequestContent',
    `The request content was invalid: '${target}' ${rule}.`,
    {
      target,
    },
  );
}

function unsupported(target: string, message: string): ServiceError {
  return new ServiceError(400, 'NotSupported', `${message}.`, { target });
}
