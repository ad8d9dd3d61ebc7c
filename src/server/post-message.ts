import { request } from 'undici';

const largestAnswerBytes = 64 * 1024;

/**
 * Posts a message. Redirects are not followed, and of the answer's body no more than 64 KiB is read.
 * @throws Error, without the URL's query, unless the answer is 2xx.
 */
export async function postMessage(
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
    throw new Error('the endpoint is no http or https URL');
  const { statusCode, body: answer } = await request(parsed, { method: 'POST', headers, body, signal });
  await answer.dump({ limit: largestAnswerBytes });
  if (statusCode < 200 || statusCode > 299) throw new Error(`${parsed.host} answered ${statusCode}`);
}
