import type { FastifyPluginAsync } from 'fastify';
import {
  readNotifications,
  receiveImageWebhook,
  recordRegistryPushes,
  type ControlDeps,
} from '../../control/index.ts';
import { ServiceError } from '../../model/index.ts';

const bodyLimitBytes = 4 * 1024 * 1024;

/**
 * `POST /hooks/registry/v1/{registry id}`: what our own distribution tells of pushes; 204 when it is kept.
 * `POST /hooks/images/v1/{registry id}/{token}`: what other registries tell of theirs; 202 when there are images
 * to look at, 200 when no task stands on them.
 */
export function registryHookRoutes(control: ControlDeps): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      '*',
      { parseAs: 'string', bodyLimit: bodyLimitBytes },
      (_request, body, done) => {
        try {
          done(null, JSON.parse(String(body)));
        } catch {
          done(new ServiceError(400, 'InvalidRequest', 'the notification is no JSON'));
        }
      },
    );
    app.setErrorHandler((error, request, reply) => {
      if (error instanceof ServiceError) {
        return reply.code(error.statusCode).send({ error: { code: error.code, message: error.message } });
      }
      const { statusCode = 500, message } = error as { statusCode?: number; message: string };
      if (statusCode < 500)
        return reply.code(statusCode).send({ error: { code: 'InvalidRequest', message } });
      request.log.error({ err: error }, 'a notification could not be kept');
      return reply.code(500).send({ error: { code: 'InternalServerError', message: 'the server failed' } });
    });
    app.post<{ Params: { registryId: string } }>('/hooks/registry/v1/:registryId', async (request, reply) => {
      const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
      await recordRegistryPushes(control, request.params.registryId, token, readNotifications(request.body));
      return reply.code(204).send();
    });
    app.post<{ Params: { registryId: string; token: string } }>(
      '/hooks/images/v1/:registryId/:token',
      async ({ params: { registryId, token }, body }, reply) => {
        const images = await receiveImageWebhook(control, registryId, token, body);
        return reply.code(images > 0 ? 202 : 200).send({ images });
      },
    );
  };
}
