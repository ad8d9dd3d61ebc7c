import type { FastifyPluginAsync } from 'fastify';
import { openApiDocument } from '../../spec/index.ts';
import { portalRoutes } from './portal.ts';

export interface OpsDeps {
  readonly countAgents: () => Promise<number>;
  /** Where the API is served. */
  readonly publicUrl: string;
  /** Where the built portal lies. */
  readonly portalDirectory: string;
}

/**
 * What anybody may ask: `GET /healthz` answers 200 with the number of connected agents, and 503 when the
 * server's state is out of reach; `GET /openapi.json` describes the API; the portal's files.
 */
export function opsRoutes({ countAgents, publicUrl, portalDirectory }: OpsDeps): FastifyPluginAsync {
  return async (app) => {
    app.get('/healthz', async (_request, reply) => {
      try {
        return { status: 'ok', agents: await countAgents() };
      } catch {
        return reply.code(503).send({ status: 'the database is out of reach' });
      }
    });
    const description = openApiDocument({ serverUrl: publicUrl });
    app.get('/openapi.json', async () => description);
    await app.register(portalRoutes(portalDirectory));
  };
}
