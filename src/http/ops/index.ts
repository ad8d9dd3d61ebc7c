import type { FastifyPluginAsync } from 'fastify';
import { openApiDocument } from '../../spec/index.ts';

export interface OpsDeps {
  readonly checkState: () => Promise<void>;
  /** Where the API is served. */
  readonly publicUrl: string;
}

/**
 * What anybody may ask: `GET /healthz` answers 200 once the server answers and 503 when its state is out of
 * reach; `GET /openapi.json` describes the API.
 */
export function opsRoutes({ checkState, publicUrl }: OpsDeps): FastifyPluginAsync {
  return async (app) => {
    app.get('/healthz', async (_request, reply) => {
      try {
        await checkState();
        return { status: 'ok' };
      } catch {
        return reply.code(503).send({ status: 'the database is out of reach' });
      }
    });
    const description = openApiDocument({ serverUrl: publicUrl });
    app.get('/openapi.json', async () => description);
  };
}
