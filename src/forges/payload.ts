/** A member of a payload, below others; undefined when it is not there. */
export function member(payload: unknown, ...path: readonly string[]): unknown {
  let value = payload;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/**
 * A text or number as text; empty when it is neither. No name or URL of a provider's has control characters,
 * which terminals and YAML would obey.
 */
export function textOf(payload: unknown, ...path: readonly string[]): string {
  const value = member(payload, ...path);
  if (typeof value === 'string') return value.replace(/\p{Cc}/gu, '\ufffd');
  return typeof value === 'number' ? String(value) : '';
}

/** Those of the members that are texts with something in them. */
export function textsOf(payload: unknown, names: readonly string[]): string[] {
  return names.map((name) => textOf(payload, name)).filter((text) => text !== '');
}

export function listOf(payload: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = member(payload, ...path);
  return Array.isArray(value) ? value : [];
}
