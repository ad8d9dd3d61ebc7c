import type { FastifyPluginAsync } from 'fastify';
import {
  readNotifications,
  recordRegistryPushes,
  requireRegistryToken,
  type ControlDeps,
} from '../../control/index.ts';
import { sendHookError } from './errors.ts';
import { readJson } from './read-body.ts';

/**
 * `POST /hooks/registry/v1/{registry id}`: what distribution tells of pushes. Answers 204 when it is kept; the
 * body is read when its sender has shown the registry's token.
 */
export function registryHookRoutes(control: ControlDeps): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    app.setErrorHandler(sendHookError);
    app.post<{ Params: { registryId: string } }>('/hooks/registry/v1/:registryId', async (request, reply) => {
      const { registryId } = request.params;
      const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
      requireRegistryToken(control, registryId, token);
      const pushed = readNotifications(await readJson(request.raw));
      await recordRegistryPushes(control, registryId, pushed);
      return reply.code(204).send();
    });
  };
}
