import type { FastifyInstance } from 'fastify';
import type { ApiAnswer, ResourceApi } from '../control/index.ts';
import type { TokenIssuer } from '../identity/index.ts';

/** The server's own API, called in process with a token that is issued for the caller at that moment. */
export function createResourceApi(
  app: Pick<FastifyInstance, 'inject'>,
  tokenIssuer: TokenIssuer,
  now: () => Date,
): ResourceApi {
  return {
    async request(caller, method, path, body) {
      const { accessToken } = await tokenIssuer.issueAccessToken(caller, now());
      const { statusCode, headers, payload } = await app.inject({
        method,
        url: path,
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        ...(body !== undefined && { payload: JSON.stringify(body) }),
      });
      const isJson = String(headers['content-type']).startsWith('application/json');
      const answered = isJson && payload !== '' ? (JSON.parse(payload) as ApiAnswer['body']) : null;
      return { status: statusCode, headers, body: answered };
    },
  };
}
