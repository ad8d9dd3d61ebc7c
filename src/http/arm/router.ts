import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  authorize,
  findRegistryIn,
  getResourceGroup,
  getSubscription,
  refuseDeleting,
  resourceNotFound,
  type Caller,
} from '../../control/index.ts';
import { ServiceError, type Registry, type ResourceGroup } from '../../model/index.ts';
import { checkNames } from '../../spec/index.ts';
import { checkApiVersion, supportedVersions, type VersionedResource } from './api-versions.ts';
import type { ArmDeps } from './plugin.ts';

/** A request after the door: the caller is known and may do this, the names are sound. */
export interface ArmRequest {
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  readonly reply: FastifyReply;
}

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface RouteOptions {
  readonly method: Method;
  readonly path: string;
  /** What the caller must be allowed to do; `undefined` for what every principal may read. */
  readonly action: string | undefined;
  readonly versions: VersionedResource;
}

/** What a handler gives back is the body of a 200, unless it has replied otherwise itself. */
type Handler<Extra> = (request: ArmRequest & Extra) => Promise<unknown>;

export interface Router {
  route(options: RouteOptions, handler: Handler<object>): void;
  /** Below a subscription that is there. `path` follows `/subscriptions/{subscriptionId}`. */
  inSubscription(options: RouteOptions, handler: Handler<{ subscriptionId: string }>): void;
  /** Below a resource group that is there. `path` follows `…/resourceGroups/{resourceGroupName}`. */
  inResourceGroup(options: RouteOptions, handler: Handler<{ group: ResourceGroup }>): void;
  /** Below a registry that is there. `path` follows `…/registries/{registryName}`. */
  inRegistry(options: RouteOptions, handler: Handler<{ registry: Registry }>): void;
  /** To be called last: answers 405 for the methods that no route of a path serves. */
  refuseOtherMethods(): void;
}

const subscriptionPath = '/subscriptions/:subscriptionId';
const groupPath = `${subscriptionPath}/resourceGroups/:resourceGroupName`;
const registryPath = `${groupPath}/providers/Microsoft.ContainerRegistry/registries/:registryName`;

/** Registers routes that all pass the same door: token, api-version, names, permission, existence. */
export function createRouter(app: FastifyInstance, deps: ArmDeps): Router {
  const { control } = deps;
  const methodsByPath = new Map<string, Set<Method>>();
  const add = (options: RouteOptions, handler: Handler<object>): void => {
    const methods = methodsByPath.get(options.path) ?? new Set();
    methodsByPath.set(options.path, methods.add(options.method));
    app.route({
      method: options.method,
      url: options.path,
      handler: async (request, reply) => {
        const caller = await deps.verifyAccessToken(request.headers.authorization);
        reply.header('api-supported-versions', supportedVersions(options.versions));
        const query = singleValues(request.query);
        checkApiVersion(options.versions, query['api-version']);
        const params = request.params as ArmRequest['params']; // and so are a path's
        checkNames(params);
        if (options.action !== undefined) {
          await authorize(control, caller, options.action, decodeURI(request.url.split('?', 1)[0] ?? '/'));
        }
        const answer = await handler({ caller, params, query, body: request.body, reply });
        return reply.sent ? reply : reply.type('application/json; charset=utf-8').send(answer);
      },
    });
  };
  return {
    route: add,
    inSubscription: (options, handler) =>
      add({ ...options, path: subscriptionPath + options.path }, async (request) => {
        const { subscriptionId } = await getSubscription(control, request.params.subscriptionId ?? '');
        return handler({ ...request, subscriptionId });
      }),
    inResourceGroup: (options, handler) =>
      add({ ...options, path: groupPath + options.path }, async (request) => {
        const { subscriptionId } = await getSubscription(control, request.params.subscriptionId ?? '');
        const group = await getResourceGroup(control, subscriptionId, request.params.resourceGroupName ?? '');
        if (options.method !== 'GET' && options.method !== 'DELETE') refuseDeleting(group);
        return handler({ ...request, group });
      }),
    inRegistry: (options, handler) =>
      add({ ...options, path: registryPath + options.path }, async (request) => {
        const { subscriptionId = '', resourceGroupName = '', registryName = '' } = request.params;
        const found = await findRegistryIn(control, subscriptionId, resourceGroupName, registryName);
        if (found) return handler({ ...request, registry: found });
        await getSubscription(control, subscriptionId); // the one that is missing says so
        await getResourceGroup(control, subscriptionId, resourceGroupName);
        throw resourceNotFound(resourceGroupName, `registries/${registryName}`);
      }),
    refuseOtherMethods() {
      for (const [path, methods] of methodsByPath) {
        const others = (['POST', 'PUT', 'PATCH', 'DELETE', 'GET'] as const).filter(
          (method) => !methods.has(method),
        );
        app.route({
          method: others,
          url: path,
          handler: (request, reply) => {
            const allowed = [...methods].join(', ');
            reply.header('allow', allowed);
            const message = `${request.method} is not supported here; supported: ${allowed}.`;
            throw new ServiceError(405, 'MethodNotAllowed', message);
          },
        });
      }
    },
  };
}

/** The query string's members; one that comes twice is a list. @throws ServiceError 400 for such a one. */
function singleValues(query: unknown): ArmRequest['query'] {
  for (const [name, value] of Object.entries(query as Record<string, string | string[]>)) {
    if (typeof value === 'string') continue;
    const message = `The query parameter ${JSON.stringify(name.slice(0, 100))} is given more than once.`;
    throw new ServiceError(400, 'InvalidParameter', message, { target: name });
  }
  return query as ArmRequest['query']; // every member is a text, as was just seen
}
