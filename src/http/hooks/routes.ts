import type { FastifyPluginAsync } from 'fastify';
import { findHook, receiveHook, type ControlDeps } from '../../control/index.ts';
import { ServiceError } from '../../model/index.ts';
import { sendHookError } from './errors.ts';
import { createForgeries } from './forgeries.ts';
import { readBody } from './read-body.ts';

/**
 * Where providers of source control send their events: `POST /hooks/v1/{hookId}`. There is no token: each
 * request shows that it knows the secret of its hook. 202 for what starts a run, 200 for what does not. A
 * request for nobody costs one look at an index: its body is not read.
 */
export function hookRoutes(control: ControlDeps): FastifyPluginAsync {
  return async (app) => {
    const forgeries = createForgeries(control.now);
    // signatures are over the bytes, which the handler reads when it knows for whom
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    app.setErrorHandler(sendHookError);
    app.post<{ Params: { hookId: string } }>('/hooks/v1/:hookId', async (request, reply) => {
      const { headers, ip } = request;
      const hook = await findHook(control, request.params.hookId);
      const sender = `${ip} ${hook.hookId}`;
      const seconds = forgeries.secondsLeft(sender);
      if (seconds > 0) {
        reply.header('retry-after', seconds);
        const message = `too many requests from ${ip} have not shown the secret of this webhook; try again in ${seconds} seconds`;
        throw new ServiceError(429, 'TooManyRequests', message);
      }
      try {
        const answer = await receiveHook(control, hook, { headers, body: await readBody(request.raw) });
        return await reply.code(answer.status === 'Accepted' ? 202 : 200).send(answer);
      } catch (error) {
        if (error instanceof ServiceError && error.statusCode === 401) forgeries.count(sender);
        throw error;
      }
    });
  };
}
