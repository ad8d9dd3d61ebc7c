import type { FastifyPluginAsync } from 'fastify';
import { receiveImageWebhook, requireImageWebhook, type ControlDeps } from '../../control/index.ts';
import { sendHookError } from './errors.ts';
import { readJson } from './read-body.ts';

/**
 * `POST /hooks/images/v1/{registry id}/{token}`: what registries of others tell of pushes. 202 when there are
 * images to look at, 200 when no task stands on them; the body is read when the URL is right.
 */
export function imageHookRoutes(control: ControlDeps): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    app.setErrorHandler(sendHookError);
    app.post<{ Params: { registryId: string; token: string } }>(
      '/hooks/images/v1/:registryId/:token',
      async (request, reply) => {
        const { registryId, token } = request.params;
        requireImageWebhook(control, registryId, token);
        const images = await receiveImageWebhook(control, registryId, await readJson(request.raw));
        return reply.code(images > 0 ? 202 : 200).send({ images });
      },
    );
  };
}
