import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError, type ErrorDetail } from '../../model/index.ts';

interface ErrorBody {
  readonly error: ErrorDetail & { readonly details?: readonly ErrorDetail[] };
}

/** Answers any error in ARM's shape; a fault is told by its request id only, the rest is in the log. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { statusCode, body } = describe(error, request);
  if (statusCode >= 500) request.log.error({ err: error, requestId: request.id }, 'a request failed');
  if (statusCode === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(statusCode).type('application/json; charset=utf-8').send(body);
}

function describe(error: unknown, request: FastifyRequest): { statusCode: number; body: ErrorBody } {
  if (error instanceof ServiceError) {
    const { statusCode, code, message, target, details } = error;
    return {
      statusCode,
      body: {
        error: {
          code,
          message,
          ...(target !== undefined && { target }),
          ...(details.length > 0 && { details }),
        },
      },
    };
  }
  const {
    statusCode = 500,
    code = '',
    message = '',
  } = error as { statusCode?: number; code?: string; message?: string };
  if (statusCode === 413) {
    return {
      statusCode,
      body: {
        error: { code: 'RequestContentTooLarge', message: 'The request content is larger than 4 MiB.' },
      },
    };
  }
  if (statusCode < 500) {
    const text = code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' ? 'The request content is not JSON.' : message;
    return {
      statusCode,
      body: {
        error: {
          code: 'InvalidRequestContent',
          message: `The request content was invalid and could not be read: ${text}`,
        },
      },
    };
  }
  const failed = `The server failed to process the request ${request.id}; its log says why.`;
  return { statusCode: 500, body: { error: { code: 'InternalServerError', message: failed } } };
}
