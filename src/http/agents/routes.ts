import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import {
  authenticateAgent,
  completeAttempt,
  deregisterAgent,
  heartbeat,
  nextAssignment,
  readRunSecrets,
  recordLog,
  recordSteps,
  registerAgent,
  type ControlDeps,
} from '../../control/index.ts';
import { ServiceError } from '../../model/index.ts';
import { agentApiPrefix } from '../../protocol/index.ts';
import {
  completeBody,
  heartbeatBody,
  logQuery,
  registerBody,
  runParams,
  secretsBody,
  stepsBody,
} from './schemas.ts';

/** How long a claim is held open when no run waits. */
const claimWaitMs = 25_000;
const maxLogBytes = 256 * 1024;
const maxStepsBytes = 4 * 1024 * 1024;

/** What agents speak (`src/protocol`). Errors are `{ error: { code, message } }`. */
export function agentRoutes(deps: ControlDeps): FastifyPluginAsync {
  return async (instance) => {
    await instance.register(async (app) => routes(app, deps), { prefix: agentApiPrefix });
  };
}

async function routes(instance: FastifyInstance, deps: ControlDeps): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: maxLogBytes },
    (_request, body, done) => done(null, body),
  );
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ServiceError) {
      return reply.code(error.statusCode).send({ error: { code: error.code, message: error.message } });
    }
    const { statusCode = 500, message } = error as { statusCode?: number; message: string };
    if (statusCode < 500) return reply.code(statusCode).send({ error: { code: 'InvalidRequest', message } });
    request.log.error({ err: error }, 'an agent request failed');
    return reply.code(500).send({ error: { code: 'InternalServerError', message: 'the server failed' } });
  });
  const agentOf = (request: FastifyRequest) => authenticateAgent(deps, bearerOf(request));
  const holderOf = async (request: FastifyRequest<{ Params: { runKey: number } }>, attempt: number) => {
    const { agentId } = await agentOf(request);
    return { runKey: request.params.runKey, attempt, agentId };
  };

  app.post('/register', { schema: { body: registerBody } }, (request) =>
    registerAgent(deps, bearerOf(request), request.body),
  );

  app.post('/deregister', async (request, reply) => {
    await deregisterAgent(deps, await agentOf(request));
    return reply.code(204).send();
  });

  app.post('/claim', async (request, reply) => {
    const agent = await agentOf(request);
    const assignment = await nextAssignment(deps, agent, claimWaitMs, goneSignal(reply));
    return assignment ?? reply.code(204).send();
  });

  app.post(
    '/runs/:runKey/heartbeat',
    { schema: { params: runParams, body: heartbeatBody } },
    async (request, reply) => {
      const holder = await holderOf(request, request.body.attempt);
      return heartbeat(deps, holder, request.body.waitSeconds * 1000, goneSignal(reply));
    },
  );

  app.post(
    '/runs/:runKey/log',
    { schema: { params: runParams, querystring: logQuery }, bodyLimit: maxLogBytes },
    async (request) => {
      if (!Buffer.isBuffer(request.body)) {
        throw new ServiceError(415, 'InvalidRequest', 'a piece of a log is sent as application/octet-stream');
      }
      const holder = await holderOf(request, request.query.attempt);
      return recordLog(deps, holder, request.query.offset, request.body);
    },
  );

  app.post('/runs/:runKey/secrets', { schema: { params: runParams, body: secretsBody } }, async (request) =>
    readRunSecrets(deps, await holderOf(request, request.body.attempt), request.body),
  );

  app.post(
    '/runs/:runKey/steps',
    { schema: { params: runParams, body: stepsBody }, bodyLimit: maxStepsBytes },
    async (request, reply) => {
      const holder = await holderOf(request, request.body.attempt);
      await recordSteps(deps, holder, request.body.steps);
      return reply.code(204).send();
    },
  );

  app.post(
    '/runs/:runKey/complete',
    { schema: { params: runParams, body: completeBody } },
    async (request, reply) => {
      const holder = await holderOf(request, request.body.attempt);
      await completeAttempt(deps, holder, request.body); // the schema is that type, optional members aside
      return reply.code(204).send();
    },
  );
}

function bearerOf(request: FastifyRequest): string {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

/** Aborts when the answer is sent or the client has gone away, so that nobody waits for it. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
