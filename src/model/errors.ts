/** One offence of a request: `target` is the path of the member, such as `timeout` or `platform.os`. */
export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

/**
 * What a caller did, or can mend. Faces turn it into their own error shape (ARM's error body, a blob
 * service's XML, an OCI error); every other exception is a fault of ours and becomes a 500.
 */
export class ServiceError extends Error {
  readonly statusCode: number;
  readonly code: string;
  readonly target: string | undefined;
  readonly details: readonly ErrorDetail[];

  constructor(
    statusCode: number,
    code: string,
    message: string,
    options: { target?: string; details?: readonly ErrorDetail[]; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ServiceError';
    this.statusCode = statusCode;
    this.code = code;
    this.target = options.target;
    this.details = options.details ?? [];
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
