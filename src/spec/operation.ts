import type { TSchema } from 'typebox';
import { integer, text } from './members.ts';

/** One operation of the API, for its description and for who wants to know what there is. */
export interface Operation {
  /** As in the specification: `Tasks_Create`. */
  readonly operationId: string;
  readonly method: 'get' | 'head' | 'put' | 'post' | 'patch' | 'delete';
  /** With the parameters in braces, each of which `pathParameters` knows. */
  readonly path: string;
  readonly summary: string;
  readonly query?: Readonly<Record<string, TSchema>>;
  readonly request?: TSchema;
  /** The answers besides errors, by status. */
  readonly responses: Readonly<Record<number, OperationResponse>>;
}

export interface OperationResponse {
  readonly body?: TSchema;
  readonly headers?: Readonly<Record<string, TSchema>>;
}

export const subscriptionPath = '/subscriptions/{subscriptionId}';
export const groupPath = `${subscriptionPath}/resourceGroups/{resourceGroupName}`;
export const registryPath = `${groupPath}/providers/Microsoft.ContainerRegistry/registries/{registryName}`;

export const retryAfter = integer({ description: 'How many seconds to wait before asking again.' });

/** The answer of a long operation that makes or changes a resource. */
export const begun = (body: TSchema): OperationResponse => ({
  body,
  headers: {
    'Azure-AsyncOperation': text({ description: 'Where the status of the operation is.' }),
    'Retry-After': retryAfter,
  },
});
