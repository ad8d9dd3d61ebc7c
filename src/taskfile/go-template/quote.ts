const short: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Whether unicode.IsPrint of Go holds: letters, marks, numbers, punctuation, symbols and the space. */
export const isPrintable = (char: string): boolean => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char);

/** A text as strconv.Quote of Go writes it. */
export function quoted(text: string, { ascii = false, quote = '"' } = {}): string {
  let inside = '';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === quote) inside += `\\${quote}`;
    else if (Object.hasOwn(short, char)) inside += short[char] ?? '';
    else if (isPrintable(char) && (code < 0x80 || !ascii)) inside += char;
    else if (code < 0x80) inside += `\\x${hex(code, 2)}`;
    else inside += code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  }
  return quote + inside + quote;
}

const hex = (code: number, width: number) => code.toString(16).padStart(width, '0');
