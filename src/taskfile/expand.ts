/**
 * Puts variables in place of `$X`, `${X}`, `${X:-word}`, `${X-word}`, `${X:+word}` and `${X+word}`, where a
 * word may hold variables itself. An unknown variable is empty, also in `${X:?message}`.
 */
export function expandVariables(text: string, values: ReadonlyMap<string, string>): string {
  return expandUntil(undefined, text, 0, values).expanded;
}

function expandUntil(
  stop: '}' | undefined,
  text: string,
  from: number,
  values: ReadonlyMap<string, string>,
): { expanded: string; end: number } {
  const variable = /\\\$|\$(?<plain>\w+)|\$\{(?<braced>\w+)(?<operator>:?[-+?])?/y;
  let expanded = '';
  let at = from;
  while (at < text.length && text[at] !== stop) {
    variable.lastIndex = at;
    const match = variable.exec(text);
    if (!match) {
      expanded += text[at];
      at += 1;
      continue;
    }
    const { plain, braced, operator } = match.groups ?? {};
    const begin = at;
    at = variable.lastIndex;
    if (braced === undefined) {
      expanded += plain === undefined ? '$' : (values.get(plain) ?? '');
      continue;
    }
    const word = operator === undefined ? { expanded: '', end: at } : expandUntil('}', text, at, values);
    at = word.end;
    if (text[at] === '}') {
      expanded += choose(values.get(braced), operator, word.expanded);
      at += 1;
    } else expanded += text.slice(begin, at); // no variable after all
  }
  return { expanded, end: at };
}

function choose(value: string | undefined, operator: string | undefined, word: string): string {
  const isSet = value !== undefined && (value !== '' || !operator?.startsWith(':'));
  if (operator?.endsWith('-')) return isSet ? value : word;
  if (operator?.endsWith('+')) return isSet ? word : '';
  return value ?? '';
}
