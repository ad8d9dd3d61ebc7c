import type { FastifyPluginAsync } from 'fastify';

/**
 * `GET /healthz`: 200 with the number of connected agents once the server answers; 503 when its state is
 * out of reach. Anonymous.
 */
export function opsRoutes(deps: { countAgents: () => Promise<number> }): FastifyPluginAsync {
  return async (app) => {
    app.get('/healthz', async (_request, reply) => {
      try {
        return { status: 'ok', agents: await deps.countAgents() };
      } catch {
        return reply.code(503).send({ status: 'the database is out of reach' });
      }
    });
  };
}
