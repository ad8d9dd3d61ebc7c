/** Shorter texts are no secrets: to mask every `1` would hide nothing and spoil the rest. */
const minimumLength = 4;

/** The value with every secret in its texts replaced by `***`. */
export function maskTexts<T extends object>(value: T, secrets: readonly string[]): T {
  const hidden = secrets
    .filter((secret) => secret.length >= minimumLength)
    .sort((a, b) => b.length - a.length);
  const visit = (each: unknown): unknown => {
    if (typeof each === 'string')
      return hidden.reduce((text, secret) => text.replaceAll(secret, '***'), each);
    if (Array.isArray(each)) return each.map(visit);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, member]) => [name, visit(member)]));
  };
  return visit(value) as T; // of the same shape
}
