import { type FunctionTable, define } from './define.ts';
import { joinWords } from './words.ts';

/** sprig's functions of upper and lower case. */
export const changeCase: FunctionTable = {
  upper: define(['string'], (_, text) => (isAscii(text) ? text.toUpperCase() : perChar(text, upper))),
  lower: define(['string'], (_, text) => (isAscii(text) ? text.toLowerCase() : perChar(text, lower))),
  title: define(['string'], (_, text) => title(text)),
  untitle: define(['string'], (_, text) => text.replace(/(?<=^|\s)\S/gu, lower)),
  swapcase: define(['string'], (_, text) => swapCase(text)),
  snakecase: define(['string'], (_, text) => joinWords(text, '_')),
  kebabcase: define(['string'], (_, text) => joinWords(text, '-')),
  camelcase: define(['string'], (_, text) => camelCase(text)),
};

// Go maps one character to one character: ß stays ß.
const upper = (char: string) => single(char, char.toUpperCase());
const lower = (char: string) => single(char, char.toLowerCase());
const single = (char: string, mapped: string) => ([...mapped].length === 1 ? mapped : char);

const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text);

const perChar = (text: string, change: (char: string) => string) => Array.from(text, change).join('');

/** strings.Title of Go: the first letter of each word in upper case. */
function title(text: string): string {
  let previous = ' ';
  return perChar(text, (char) => {
    // Of ASCII letters, digits and _ are no separators, beyond it letters, digits and all but spaces.
    const isStart = /[\p{L}\p{Nd}_]/u.test(previous) ? false : previous < '\x80' || /\s/.test(previous);
    previous = char;
    return isStart ? upper(char) : char;
  });
}

const swapCase = (text: string) =>
  perChar(text, (char) => (/\p{Lu}|\p{Lt}/u.test(char) ? lower(char) : upper(char)));

const isConnector = (char: string | undefined) => char !== undefined && /[-_\s]/.test(char);

/** xstrings.ToCamelCase: `http_server` becomes `HttpServer`; connectors at the ends stay. */
function camelCase(text: string): string {
  const chars = [...text];
  let at = chars.findIndex((char) => !isConnector(char));
  if (at < 0) return text;
  const leading = chars.slice(0, at).join('');
  let current = upper(chars[at] ?? '');
  at += 1;
  let camel = leading;
  for (; at < chars.length; at += 1) {
    const previous = current;
    current = chars[at] ?? '';
    if (isConnector(current) && isConnector(previous)) camel += previous;
    else if (isConnector(previous)) current = upper(current);
    else {
      current = lower(current);
      camel += previous;
    }
  }
  return camel + current;
}
