import { once } from 'node:events';
import type { Server } from 'node:http';
import replyFrom from '@fastify/reply-from';
import fastify, { type FastifyReply, type FastifyRequest, type onRequestAsyncHookHandler } from 'fastify';
import { ServiceError } from '../../model/index.ts';
import type { RegistryTokenService } from '../../registry/index.ts';
import { linkToken } from './blob-link.ts';
import { createEitherServer } from './either-protocol.ts';
import { readTags } from './tags.ts';
import { exchangeToken, grantRegistryToken, type Authenticate } from './tokens.ts';

export interface LoginServerOptions {
  readonly registryName: string;
  /** Host and port under which clients know it: the `service` of its tokens. */
  readonly loginServer: string;
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly certPem: string; readonly keyPem: string };
  /** Where distribution listens now. */
  readonly upstream: () => string;
  readonly tokenService: RegistryTokenService;
  readonly authenticate: Authenticate;
  /** Runs before every request; it sees to it that bodies come in time. */
  readonly onRequest: onRequestAsyncHookHandler;
  readonly now: () => Date;
}

export interface LoginServer {
  stop(): Promise<void>;
}

/** A registry's front: `/oauth2/*` and `/acr/*` are answered here, `/v2/*` is passed on to distribution. */
export async function startLoginServer(options: LoginServerOptions): Promise<LoginServer> {
  let closeConnections = (): void => {};
  const app = fastify({
    logger: false,
    clientErrorHandler: (_error, socket) => socket.destroy(),
    frameworkErrors: (_error, request, reply) => {
      sendNotFound(request, reply);
    },
    bodyLimit: 1024 * 1024,
    serverFactory: (handler) => {
      const either = createEitherServer(handler, options.tls);
      closeConnections = either.closeConnections;
      return either.listener as unknown as Server; // it hands every connection to an http server
    },
  });
  app.addHook('onRequest', options.onRequest);
  await app.register(replyFrom, {
    disableRequestLogging: true,
    undici: { bodyTimeout: 0, headersTimeout: 0, connections: 64 },
  });
  app.setNotFoundHandler(sendNotFound);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.setErrorHandler((error, _request, reply) => {
    const known = error instanceof ServiceError;
    // A query that cannot be decoded cannot be passed on.
    const { statusCode = error instanceof URIError ? 400 : 500 } = error as { statusCode?: number };
    const code = known ? error.code : statusCode >= 500 ? 'UNAVAILABLE' : 'UNSUPPORTED';
    const message = known
      ? error.message
      : statusCode >= 500
        ? 'the registry is not available; try again'
        : String(error);
    return reply.code(statusCode).send({ errors: [{ code, message, detail: null }] });
  });

  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/v2/*',
    handler: async (request, reply) => {
      const token = await linkToken(options, request.method, request.raw.url ?? '/');
      return reply.from(`${options.upstream()}${request.raw.url}`, {
        rewriteRequestHeaders: (_request, headers) => ({
          ...headers,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          'x-forwarded-proto': request.protocol,
          'x-forwarded-host': request.headers.host ?? '',
        }),
        rewriteHeaders: (headers) => {
          const challenge = headers['www-authenticate'];
          if (typeof challenge !== 'string') return headers;
          const realm = `${request.protocol}://${request.headers.host ?? options.loginServer}/oauth2/token`;
          return { ...headers, 'www-authenticate': challenge.replace(/realm="[^"]*"/, `realm="${realm}"`) };
        },
      });
    },
  });
  app.get('/acr/v1/*', async (request, reply) => {
    const asked = { url: request.raw.url ?? '/', authorization: request.headers.authorization };
    const { body, link } = await readTags(options, asked);
    return link === undefined ? body : reply.header('link', link).send(body);
  });
  app.get('/oauth2/token', async (request) =>
    grantRegistryToken(options, {
      form: new URL(request.raw.url ?? '/', 'http://localhost').searchParams,
      ...basicOf(request),
    }),
  );
  app.post('/oauth2/token', async (request) =>
    grantRegistryToken(options, { form: await formOf(request), ...basicOf(request) }),
  );
  app.post('/oauth2/exchange', async (request) => exchangeToken(options, await formOf(request)));

  await app.ready();
  app.server.listen(options.port, options.host);
  await once(app.server, 'listening');
  return {
    async stop() {
      const closed = once(app.server, 'close');
      app.server.close(); // fastify closes only what it was itself told to listen with
      closeConnections();
      await Promise.all([closed, app.close()]);
    },
  };
}

/** An error of the registry API (OCI distribution, "Error Codes"). */
function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = (request.raw.url ?? '').split('?', 1)[0] ?? '';
  const message = `there is nothing at ${request.method} ${path.slice(0, 500)}`;
  return reply.code(404).send({ errors: [{ code: 'UNSUPPORTED', message, detail: null }] });
}

function basicOf(request: FastifyRequest): { basic?: { username: string; password: string } } {
  const encoded = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return {};
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return { basic: { username: text.slice(0, at), password: text.slice(at + 1) } };
}

async function formOf(request: FastifyRequest): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request.raw) {
    text += String(chunk);
    if (text.length > 64 * 1024)
      throw new ServiceError(413, 'SIZE_INVALID', 'the form is larger than 64 KiB');
  }
  return new URLSearchParams(text);
}
