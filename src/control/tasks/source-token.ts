import type { Secret } from '../../model/index.ts';
import type { Task } from '../../spec/index.ts';
import { repositoryKey } from '../triggers/request.ts';

/**
 * The credential with which a run of a task fetches its source: that of the context, to the host that the
 * task was given it for, since who runs the task may name another context; otherwise the one of a source
 * trigger of the very repository. An empty one means none.
 */
export function sourceToken(
  properties: Pick<Task['properties'], 'trigger'>,
  step: { readonly contextPath?: string; readonly contextAccessToken?: Secret },
  sourceLocation: string | undefined,
): Secret | undefined {
  const { contextPath, contextAccessToken } = step;
  if (sourceLocation === undefined) return undefined;
  const isOwnHost = contextPath !== undefined && isSameOrigin(contextPath, sourceLocation);
  if (contextAccessToken?.reveal()) return isOwnHost ? contextAccessToken : undefined;
  const key = repositoryKey(sourceLocation);
  return properties.trigger?.sourceTriggers?.find(
    ({ sourceRepository }) =>
      isSameOrigin(sourceRepository.repositoryUrl, sourceLocation) &&
      repositoryKey(sourceRepository.repositoryUrl) === key,
  )?.sourceRepository.sourceControlAuthProperties?.token;
}

function isSameOrigin(one: string, other: string): boolean {
  const origin = originOf(one);
  return one === other || (origin !== undefined && origin === originOf(other));
}

function originOf(location: string): string | undefined {
  return URL.parse(/^https?:\/\//i.test(location) ? location : `https://${location}`)?.origin;
}
