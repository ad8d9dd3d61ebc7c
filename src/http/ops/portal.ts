import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';

/** Nothing but the portal's own files and the API of the same origin; no page may frame it. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/**
 * The portal: `/portal/` with the files of `directory`, where Vite has put them. Paths that are no files are
 * pages of the portal, which it shows by itself. 503 where it has not been built.
 */
export function portalRoutes(directory: string): FastifyPluginAsync {
  return async (app) => {
    app.get('/', async (_request, reply) => reply.redirect('/portal/'));
    app.get('/portal', async (_request, reply) => reply.redirect('/portal/'));
    await app.register(async (portal) => serveFiles(portal, directory), { prefix: '/portal' });
  };
}

async function serveFiles(portal: FastifyInstance, directory: string): Promise<void> {
  portal.addHook('onRequest', async (_request, reply) => {
    reply
      .header('content-security-policy', contentSecurityPolicy)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('cross-origin-opener-policy', 'same-origin');
  });
  if (!existsSync(path.join(directory, 'index.html'))) {
    portal.get('/*', async (_request, reply) => reply.code(503).type('text/plain').send(notBuilt));
    return;
  }
  await portal.register(fastifyStatic, {
    root: directory,
    cacheControl: false,
    setHeaders: (reply, file) => {
      // names of assets hold a digest of what is in them
      const isAsset = file.startsWith(path.join(directory, 'assets') + path.sep);
      void reply.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  portal.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && !request.url.startsWith('/portal/assets/');
    if (isPage) return reply.sendFile('index.html');
    return reply.code(404).type('text/plain').send('There is no such file of the portal.\n');
  });
}

const notBuilt =
  'The portal has not been built. Any ./slipway command builds it, and then the server has to be started ' +
  'again; npm run build -w portal says why it cannot be built.\n';
