import { refuse } from './refuse.ts';

/**
 * Splits a line into words as a POSIX shell does (XCU 2.2, 2.3): single quotes keep everything, double quotes
 * all but `\` before `$`, a backquote, `"`, `\` and a newline; outside, `\` keeps the next character; a `#`
 * that begins a word starts a comment. Nothing is expanded, and operators such as `&&` are words.
 * @throws ServiceError 400 `InvalidTaskFile` for a quote that is not closed.
 */
export function splitShellWords(line: string, target?: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  const take = (text: string): void => void (word = (word ?? '') + text);
  while (at < line.length) {
    const rest = line.slice(at, at + 2);
    const first = rest.charAt(0);
    if (first === "'") {
      const end = line.indexOf("'", at + 1);
      if (end === -1) unclosed(line, at, target);
      take(line.slice(at + 1, end));
      at = end + 1;
    } else if (first === '"') {
      const quoted = doubleQuoted(line, at, target);
      take(quoted.text);
      at = quoted.end;
    } else if (first === '\\') {
      if (rest !== '\\\n') take(rest.length === 2 ? rest.charAt(1) : '\\');
      at += 2;
    } else if (/\s/.test(first)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
    } else if (first === '#' && word === undefined) {
      const end = line.indexOf('\n', at);
      at = end === -1 ? line.length : end;
    } else {
      take(first);
      at += 1;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

function doubleQuoted(line: string, begin: number, target?: string): { text: string; end: number } {
  let text = '';
  for (let at = begin + 1; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '"') return { text, end: at + 1 };
    const next = line.charAt(at + 1);
    if (character === '\\' && next !== '' && '$`"\\\n'.includes(next)) {
      if (next !== '\n') text += next;
      at += 1;
    } else text += character;
  }
  return unclosed(line, begin, target);
}

function unclosed(line: string, at: number, target?: string): never {
  const quote = line.charAt(at) === '"' ? 'double' : 'single';
  return refuse(
    `${target === undefined ? '' : `${target}: `}a ${quote} quote is not closed: ${line.slice(at, at + 60)}`,
    target,
  );
}
