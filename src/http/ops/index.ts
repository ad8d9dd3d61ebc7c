import type { FastifyPluginAsync } from 'fastify';

/** `GET /healthz`: 200 once the server answers; 503 when its state is out of reach. Anonymous. */
export function opsRoutes(deps: { checkState: () => Promise<void> }): FastifyPluginAsync {
  return async (app) => {
    app.get('/healthz', async (_request, reply) => {
      try {
        await deps.checkState();
        return { status: 'ok' };
      } catch {
        return reply.code(503).send({ status: 'the database is out of reach' });
      }
    });
  };
}
