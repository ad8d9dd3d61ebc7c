/**
 * A URL as it may be printed: without user, password and query (signatures live there). The fragment stays,
 * since it names the ref and folder of a git location.
 */
export function redactUrl(url: string): string {
  try {
    const parsed = new URL(url);
    parsed.username = '';
    parsed.password = '';
    parsed.search = '';
    return parsed.href;
  } catch {
    return redactText(url).replace(/\?[^#]*/, '');
  }
}

/** A line of output with the userinfo and query of every URL in it cut out, and `secrets` as `***`. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let redacted = text;
  for (const secret of secrets) if (secret !== '') redacted = redacted.replaceAll(secret, '***');
  return redacted
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s'"]*@/gi, '$1***@')
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^?\s'"]*)\?[^#\s'"]*/gi, '$1');
}
