import type { IncomingMessage } from 'node:http';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { receiveHook, type ControlDeps } from '../../control/index.ts';
import { ServiceError } from '../../model/index.ts';
import { readBody } from './read-body.ts';

/**
 * Where providers of source control send their events: `POST /hooks/v1/{hookId}`. There is no token: each
 * request shows that it knows the secret of its hook. 202 for what starts a run, 200 for what does not.
 */
export function hookRoutes(control: ControlDeps): FastifyPluginAsync {
  return async (app) => {
    // signatures are over the bytes
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request: FastifyRequest, payload: IncomingMessage) => readBody(payload));
    app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
    app.post<{ Params: { hookId: string } }>('/hooks/v1/:hookId', async (request, reply) => {
      const { params, headers, body } = request;
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
      const answer = await receiveHook(control, params.hookId, { headers, body: bytes });
      return reply.code(answer.status === 'Accepted' ? 202 : 200).send(answer);
    });
  };
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
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
