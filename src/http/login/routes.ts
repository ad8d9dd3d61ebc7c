import formbody from '@fastify/formbody';
import type { FastifyPluginAsync } from 'fastify';
import type { TokenIssuer } from '../../identity/index.ts';
import { cloudMetadata, openIdConfiguration, type Suffixes } from './discovery.ts';
import { grantToken, OAuthError, type FindPrincipal } from './token.ts';

export type { Suffixes };

export interface LoginDeps {
  /** `https://localhost:8443` */
  readonly publicUrl: string;
  readonly tenantId: string;
  readonly suffixes: Suffixes;
  readonly tokenIssuer: TokenIssuer;
  readonly findPrincipal: FindPrincipal;
  readonly now: () => Date;
}

/**
 * How clients find the server's identity and get their tokens: the cloud's metadata, OpenID Connect
 * discovery and OAuth 2.0 client credentials (RFC 6749 §4.4), ADFS-shaped (so that MSAL takes the
 * authority as it is) and in the v2.0 shape. All of it is anonymous.
 */
export function loginRoutes(deps: LoginDeps): FastifyPluginAsync {
  return async (app) => {
    await app.register(formbody);
    app.setErrorHandler((error, request, reply) => {
      if (error instanceof OAuthError) {
        return reply
          .code(error.statusCode)
          .header('cache-control', 'no-store')
          .send({ error: error.code, error_description: error.message, correlation_id: request.id });
      }
      const { statusCode = 500, message } = error as { statusCode?: number; message: string };
      if (statusCode < 500) {
        return reply.code(statusCode).send({ error: 'invalid_request', error_description: message });
      }
      request.log.error({ err: error }, 'a login request failed');
      return reply.code(500).send({ error: 'server_error', error_description: 'the server failed' });
    });

    app.get<{ Querystring: { 'api-version'?: string } }>('/metadata/endpoints', async (request) =>
      cloudMetadata(deps, request.query['api-version'] ?? ''),
    );

    const authorities = ['/adfs', '/adfs/:tenant', '/:tenant', '/:tenant/v2.0'];
    for (const authority of authorities) {
      app.get<{ Params: { tenant?: string } }>(
        `${authority}/.well-known/openid-configuration`,
        async (request) =>
          openIdConfiguration(deps, authority.replace(':tenant', request.params.tenant ?? '')),
      );
    }
    app.get('/adfs/discovery/keys', async () => deps.tokenIssuer.jwks());

    const tokenPaths = [
      '/adfs/oauth2/token',
      '/adfs/:tenant/oauth2/token',
      '/:tenant/oauth2/token',
      '/:tenant/oauth2/v2.0/token',
    ];
    for (const path of tokenPaths) {
      app.post(path, async (request, reply) => {
        const token = await grantToken(deps, request.headers.authorization, request.body);
        return reply.header('cache-control', 'no-store').send(token);
      });
    }
  };
}
