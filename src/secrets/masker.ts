import { Secret } from '../model/index.ts';

/** Replaces secrets in a stream of bytes, also where one is cut in two by a chunk's end. */
export interface Masker {
  /** The bytes that are safe to show; what may be the beginning of a secret is held back. */
  write(chunk: Buffer): Buffer;
  /** Masks these too from here on: also in what is held back, not in what was shown already. */
  add(secrets: readonly Secret[]): void;
  /** The rest. */
  flush(): Buffer;
}

const mask = Buffer.from('***');
/** Shorter texts are no secrets: to mask every `1` would spoil the log and hide nothing. */
const minimumLength = 4;

/**
 * Masks each secret, each line of one that has several, and their base64 and URL-encoded forms, by `***`.
 * Secrets shorter than four characters are not masked.
 */
export function createMasker(secrets: readonly Secret[]): Masker {
  let forms = formsOf(secrets);
  let patterns = patternsOf(forms);
  let firstBytes = new Set(patterns.map((pattern) => pattern[0]));
  let held = Buffer.alloc(0);
  /** How many of the held bytes are of a secret that was masked already. */
  let heldMasked = 0;

  const scan = (bytes: Buffer, isEnd: boolean): Buffer => {
    const shown: Buffer[] = [];
    let maskedUntil = heldMasked;
    let at = 0;
    while (at < bytes.length) {
      if (!firstBytes.has(bytes[at])) {
        at += 1;
        continue;
      }
      const left = bytes.length - at;
      const found = patterns.find(
        (pattern) =>
          left >= pattern.length && bytes.compare(pattern, 0, pattern.length, at, at + pattern.length) === 0,
      );
      // A longer pattern comes first in the list; one that may still become whole holds the rest back.
      const maybe =
        !isEnd &&
        patterns.some(
          (pattern) =>
            left < pattern.length &&
            (!found || pattern.length > found.length) &&
            bytes.compare(pattern, 0, left, at) === 0,
        );
      if (maybe) break;
      if (found) {
        // Secrets that overlap are one mask: the end of the second must not show.
        if (at >= maskedUntil) shown.push(bytes.subarray(maskedUntil, at), mask);
        maskedUntil = Math.max(maskedUntil, at + found.length);
      }
      at += 1;
    }
    if (at > maskedUntil) shown.push(bytes.subarray(maskedUntil, at));
    held = Buffer.from(bytes.subarray(at));
    heldMasked = Math.max(0, maskedUntil - at);
    return Buffer.concat(shown);
  };
  return {
    add(more) {
      forms = new Set([...forms, ...formsOf(more)]);
      patterns = patternsOf(forms);
      firstBytes = new Set(patterns.map((pattern) => pattern[0]));
    },
    write: (chunk) => scan(held.length > 0 ? Buffer.concat([held, chunk]) : chunk, false),
    flush: () => scan(held, true),
  };
}

/**
 * A registry's login as secrets: the password, and the `user:password` that Docker's configuration and basic
 * authentication (RFC 7617) hold in base64. A login without a password has none.
 */
export function loginSecrets(username: string, password: string): Secret[] {
  return password === '' ? [] : [new Secret(password), new Secret(`${username}:${password}`)];
}

/** What a secret may look like in an output. */
function formsOf(secrets: readonly Secret[]): Set<string> {
  const forms = new Set<string>();
  for (const secret of secrets) {
    const value = secret.reveal();
    const base64 = Buffer.from(value).toString('base64');
    const lines = value.split(/\r?\n/).map((line) => line.trim());
    for (const form of [value, ...lines, base64, base64.replace(/=+$/, ''), encodeURIComponent(value)]) {
      if (form.length >= minimumLength) forms.add(form);
    }
  }
  return forms;
}

/** Longest first. */
function patternsOf(forms: ReadonlySet<string>): Buffer[] {
  return [...forms].map((form) => Buffer.from(form)).sort((a, b) => b.length - a.length);
}
