import { ServiceError } from '../model/index.ts';

const TARGET = 'sourceLocation';

/** 400 `InvalidSourceLocation`: the text of the location is wrong. */
export function invalidLocation(message: string): ServiceError {
  return new ServiceError(400, 'InvalidSourceLocation', message, { target: TARGET });
}

/** 400 `InvalidSourceArchive`: the archive is refused. */
export function invalidArchive(message: string, cause?: unknown): ServiceError {
  return new ServiceError(400, 'InvalidSourceArchive', message, { target: TARGET, cause });
}

/** 400 `SourceFetchFailed`: the location is well formed, but its content cannot be had. */
export function fetchFailed(message: string, cause?: unknown): ServiceError {
  return new ServiceError(400, 'SourceFetchFailed', message, { target: TARGET, cause });
}

/** The `code` of a system, zlib or undici error. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Text from outside as it may stand in a message: quoted, control characters escaped, at most 200 long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
