import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Caller, ControlDeps } from '../../control/index.ts';
import { ServiceError } from '../../model/index.ts';
import { agentPoolRoutes } from './agent-pool-routes.ts';
import { toPlainJson } from '../../template/index.ts';
import { deploymentRoutes } from './deployment-routes.ts';
import { sendError } from './errors.ts';
import { baseImageRoutes } from './base-image-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { operationRoutes } from './operation-routes.ts';
import { providerRoutes } from './provider-routes.ts';
import { registryRoutes } from './registry-routes.ts';
import { resourceGroupRoutes } from './resource-group-routes.ts';
import { createRouter } from './router.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { runRoutes } from './run-routes.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { taskRoutes } from './task-routes.ts';
import { taskRunRoutes } from './task-run-routes.ts';
import { vaultRoutes } from './vault-routes.ts';

export interface ArmDeps {
  readonly control: ControlDeps;
  /** Who an `Authorization` header names. @throws ServiceError 401. */
  readonly verifyAccessToken: (header: string | undefined) => Promise<Caller>;
}

const bodyLimitBytes = 4 * 1024 * 1024;

/** The ARM API: every route names the permission that it needs, every error has ARM's shape. */
export function armRoutes(deps: ArmDeps): FastifyPluginAsync {
  return async (instance) => {
    await instance.register(async (app) => setUp(app, deps), { bodyLimit: bodyLimitBytes });
    // Paths that nobody serves are answered here as well, whatever is sent there.
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume();
      done(null);
    });
    instance.setErrorHandler((error, request, reply) => sendError(error, request, reply));
    instance.setNotFoundHandler((request, reply) => {
      reply.header('x-ms-request-id', request.id);
      const path = request.url.split('?', 1)[0] ?? '';
      const message = `There is no resource or operation at ${request.method} ${path.slice(0, 500)}.`;
      return sendError(new ServiceError(404, 'NotFound', message), request, reply);
    });
  };
}

async function setUp(app: FastifyInstance, deps: ArmDeps): Promise<void> {
  app.removeAllContentTypeParsers();
  // Clients send JSON under several names and, with an empty POST, no type at all.
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyLimitBytes }, (request, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : parseJson(body as Buffer, isDeployment.test(request.url)));
    } catch (error) {
      done(error as Error);
    }
  });
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.addHook('onRequest', async (request, reply) => {
    const correlation = request.headers['x-ms-correlation-request-id'];
    const client = request.headers['x-ms-client-request-id'];
    reply
      .header('x-ms-request-id', request.id)
      .header('x-ms-correlation-request-id', isPlain(correlation) ? correlation : randomUUID())
      .header('cache-control', 'no-cache')
      .header('pragma', 'no-cache')
      .header('x-content-type-options', 'nosniff');
    // Browsers (Fetch Metadata §2) would take it for every other port of the host as well.
    if (request.headers['sec-fetch-site'] === undefined) {
      reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
    }
    if (isPlain(client)) reply.header('x-ms-client-request-id', client);
  });
  const router = createRouter(app, deps);
  subscriptionRoutes(router, deps.control);
  providerRoutes(router, deps.control);
  resourceGroupRoutes(router, deps.control);
  registryRoutes(router, deps.control);
  runRoutes(router, deps.control);
  deliveryRoutes(router, deps.control);
  baseImageRoutes(router, deps.control);
  eventRoutes(router, deps.control);
  agentPoolRoutes(router, deps.control);
  taskRoutes(router, deps.control);
  taskRunRoutes(router, deps.control);
  vaultRoutes(router, deps.control);
  operationRoutes(router, deps.control);
  deploymentRoutes(router, deps.control);
  router.refuseOtherMethods();
}

function isPlain(value: string | string[] | undefined): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,200}$/.test(value);
}

/** az sends the text of a template file as it is. */
const isDeployment = /\/providers\/Microsoft\.Resources\/deployments\//i;

function parseJson(body: Buffer, isExtended: boolean): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return JSON.parse(isExtended ? toPlainJson(text) : text, dropPrototype);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it is no JSON';
    const message = `The request content was invalid and could not be deserialized: ${reason}`;
    throw new ServiceError(400, 'InvalidRequestContent', message);
  }
}

/** Members of that name would reach into every object. */
function dropPrototype(this: unknown, key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}
