import { Secret } from '../model/index.ts';

/**
 * The value with `change` of each secret in its place; members for which it answers undefined are left out.
 * Lists and plain objects are copied, everything else (dates, numbers) is kept as it is.
 */
export function mapSecrets(value: unknown, change: (secret: Secret) => unknown): unknown {
  if (value instanceof Secret) return change(value);
  if (Array.isArray(value)) return value.map((item) => mapSecrets(item, change)).filter(isThere);
  if (!isPlainObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, mapSecrets(member, change)] as const);
  return Object.fromEntries(members.filter(([, member]) => isThere(member)));
}

/** The view of Get and List: what is secret is left out, its neighbours stay. */
export function hideSecrets<T extends object>(value: T): object {
  return mapSecrets(value, () => undefined) as object; // an object in, an object out
}

/** The view of listDetails: secrets as the texts that they are. */
export function revealSecrets<T extends object>(value: T): object {
  return mapSecrets(value, (secret) => secret.reveal()) as object; // an object in, an object out
}

function isThere(value: unknown): boolean {
  return value !== undefined;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
