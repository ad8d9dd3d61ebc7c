import { Agent, request } from 'node:https';
import { percentile } from './statistics.ts';

export interface Load {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Measured {
  readonly perSecond: number;
  readonly p99Ms: number;
}

const concurrency = 8;

/** Sends so many requests, eight at a time over kept connections; the first tenth is not counted. */
export async function measure(ca: string, count: number, load: () => Load): Promise<Measured> {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: concurrency });
  const times: number[] = [];
  let next = 0;
  let startedAt = performance.now();
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      if (next === Math.floor(count / 10)) {
        times.length = 0;
        startedAt = performance.now();
      }
      const sentAt = performance.now();
      await send(agent, load());
      times.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return { perSecond: times.length / seconds, p99Ms: percentile(times, 99) };
}

function send(agent: Agent, { url, method = 'GET', headers = {}, body }: Load): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers }, (response) => {
      if ((response.statusCode ?? 500) >= 300)
        reject(new Error(`${method} ${url} answered ${response.statusCode}`));
      response.resume().on('end', resolve).on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}
