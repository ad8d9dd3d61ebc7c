import type { HookRequest } from './event.ts';

/** A header's value; empty when it is not there or comes more than once. */
export function header(headers: HookRequest['headers'], name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : '';
}
