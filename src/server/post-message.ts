import { request } from 'undici';
import type { ControlDeps } from '../control/index.ts';
import { ServiceError } from '../model/index.ts';
import { guardedAgent, onlyHosts } from '../outbound/index.ts';

const largestAnswerBytes = 64 * 1024;

/**
 * Posts messages to the hosts that are allowed. Redirects are not followed, of the answer's body no more than 64 KiB
 * is read, and nothing of it is told to anybody.
 * @throws Error, without the URL's path and query, unless the answer is 2xx; ServiceError 400 for what is no URL.
 */
export function openPost(allowedHosts: readonly string[]): {
  post: ControlDeps['post'];
  close(): Promise<void>;
} {
  const dispatcher = guardedAgent(onlyHosts(allowedHosts));
  return {
    async post(url, headers, body, signal) {
      const parsed = URL.parse(url);
      if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
        throw new ServiceError(400, 'InvalidEndpoint', 'the endpoint is no http or https URL');
      const sent = { method: 'POST', headers, body, signal, dispatcher } as const;
      const { statusCode, body: answer } = await request(parsed, sent).catch((error: unknown) => {
        if (signal.aborted) throw new Error(`${parsed.host} did not answer in time`, { cause: error });
        throw error;
      });
      await answer.dump({ limit: largestAnswerBytes, signal }).catch(() => {}); // the status is what counts
      if (statusCode < 200 || statusCode > 299) throw new Error(`${parsed.host} answered ${statusCode}`);
    },
    close: () => dispatcher.destroy(),
  };
}
