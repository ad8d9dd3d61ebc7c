import { styleText } from 'node:util';

/** A line that says what goes on, on the standard error: the standard output is for results. */
export function say(text: string): void {
  process.stderr.write(`${styleText('cyan', '›', { stream: process.stderr })} ${text}\n`);
}

/** A step that takes a while, with how long it took. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  say(`${what} …`);
  const startedAt = Date.now();
  const result = await work();
  const seconds = (Date.now() - startedAt) / 1000;
  if (seconds >= 1) say(`${what}: done in ${seconds.toFixed(1)}s`);
  return result;
}
