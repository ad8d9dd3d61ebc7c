import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../../model/index.ts';

/** Answers an error of a hook: `{"error": {"code", "message"}}`; faults tell only where to look them up. */
export function sendHookError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.header('x-ms-request-id', request.id);
  const send = (status: number, code: string, message: string): FastifyReply =>
    reply.code(status).send({ error: { code, message } });
  if (error instanceof ServiceError) return send(error.statusCode, error.code, error.message);
  const { statusCode = 500, message = '' } = error as { statusCode?: number; message?: string };
  if (statusCode < 500) return send(statusCode, 'InvalidRequest', message);
  request.log.error({ err: error, requestId: request.id }, 'a webhook failed');
  const failed = `the server failed to take the webhook ${request.id}; its log says why`;
  return send(500, 'InternalServerError', failed);
}
