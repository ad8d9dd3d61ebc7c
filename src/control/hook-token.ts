import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ControlDeps } from './deps.ts';

type Deps = Pick<ControlDeps, 'config'>;

/** What a registry and others share without its being stored: each purpose has another token. */
type Purpose = 'registry' | 'images' | 'image-updates';

/** 43 characters, base64url; the same on all servers of a database. */
export function hookToken({ config }: Deps, purpose: Purpose, registryId: string): string {
  return createHmac('sha256', config.hookKey).update(`${purpose}/${registryId}`).digest('base64url');
}

/** Whether it is that token; takes the same time for a right and a wrong one, and asks no database. */
export function isHookToken(deps: Deps, purpose: Purpose, registryId: string, token: string): boolean {
  const expected = Buffer.from(hookToken(deps, purpose, registryId));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
