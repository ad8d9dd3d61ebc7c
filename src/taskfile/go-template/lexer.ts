import { TemplateFailure } from './failure.ts';

export type TokenKind =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'declare'
  | 'assign'
  | 'pipe'
  | 'open'
  | 'close'
  | 'comma'
  | 'string'
  | 'character'
  | 'number'
  | 'field'
  | 'variable'
  | 'dot'
  | 'word'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly offset: number;
}

// What stands between `{{` and `}}`, in the order in which it is tried.
const insideAction: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /[ \t\r\n]+/y],
  ['declare', /:=/y],
  ['assign', /=/y],
  ['pipe', /\|/y],
  ['open', /\(/y],
  ['close', /\)/y],
  ['comma', /,/y],
  ['string', /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y],
  ['character', /'(?:[^'\\\n]|\\[^\n])*'/y],
  ['field', /\.[\p{L}\p{Nd}_]*[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['number', /[+-]?(?:\d|\.\d)(?:[pPeE][+-]|[\p{L}\p{Nd}_.])*|[+-]\d*/uy],
  ['dot', /\./y],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['word', /[\p{L}\p{Nd}_]+/uy],
];

const delimited = new Set<TokenKind>(['field', 'variable', 'word', 'dot']);

/**
 * Cuts a template in tokens, comments left out and white space trimmed where `{{-` and `-}}` ask for it.
 * @throws TemplateFailure with the offset of what is no template.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let isTrimmed = false;
  for (;;) {
    const open = text.indexOf('{{', at);
    let from = at;
    const to = open < 0 ? text.length : open;
    if (isTrimmed) while (from < to && isSpace(text[from])) from += 1;
    const trimsBefore = open >= 0 && text[open + 2] === '-' && isSpace(text[open + 3]);
    let end = to;
    if (trimsBefore) while (end > from && isSpace(text[end - 1])) end -= 1;
    if (end > from) tokens.push({ kind: 'text', text: text.slice(from, end), offset: from });
    if (open < 0) break;
    const start = open + (trimsBefore ? 4 : 2);
    const comment = commentEnd(text, trimsBefore ? start : open + 2, open);
    const close = comment ?? tokenizeAction(text, open, trimsBefore ? open + 3 : start, tokens);
    isTrimmed = close.isTrimmed;
    at = close.at;
  }
  tokens.push({ kind: 'end', text: '', offset: text.length });
  return tokens;
}

interface Close {
  readonly at: number;
  readonly isTrimmed: boolean;
}

const isSpace = (char: string | undefined) => char !== undefined && ' \t\r\n'.includes(char);

/** Where the action ends, if it ends at `at`. */
function closeAt(text: string, at: number): Close | undefined {
  if (text.startsWith('}}', at)) return { at: at + 2, isTrimmed: false };
  if (isSpace(text[at]) && text.startsWith('-}}', at + 1)) return { at: at + 4, isTrimmed: true };
  return undefined;
}

function commentEnd(text: string, at: number, open: number): Close | undefined {
  if (!text.startsWith('/*', at)) return undefined;
  const end = text.indexOf('*/', at + 2);
  if (end < 0) throw new TemplateFailure('the comment is not closed; it ends with */}}', open);
  const close = closeAt(text, end + 2);
  if (!close) throw new TemplateFailure('a comment ends with */}} or */ -}}, nothing in between', end);
  return close;
}

function tokenizeAction(text: string, open: number, from: number, tokens: Token[]): Close {
  tokens.push({ kind: 'left', text: '{{', offset: open });
  const parentheses: number[] = [];
  let at = from;
  for (;;) {
    const close = closeAt(text, at);
    if (close) {
      const unclosed = parentheses.at(-1);
      if (unclosed !== undefined) throw new TemplateFailure('the parenthesis is not closed', unclosed);
      tokens.push({ kind: 'right', text: '}}', offset: at });
      return close;
    }
    const token = tokenAt(text, at, open);
    if (token.kind === 'open') parentheses.push(at);
    if (token.kind === 'close' && parentheses.pop() === undefined) {
      throw new TemplateFailure('unexpected ) without (', at);
    }
    tokens.push(token);
    at += token.text.length;
  }
}

function tokenAt(text: string, at: number, open: number): Token {
  if (at >= text.length) throw new TemplateFailure('the action is not closed; it ends with }}', open);
  for (const [kind, pattern] of insideAction) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) continue;
    let found = match[0];
    // White space before -}} belongs to it.
    if (kind === 'space' && text.startsWith('-}}', at + found.length) && found.length > 1) {
      found = found.slice(0, -1);
    }
    const next = text[at + found.length];
    if (delimited.has(kind) && next !== undefined && !/[ \t\r\n.,|:)(}]/.test(next)) {
      const offset = at + found.length;
      throw new TemplateFailure(
        `unexpected ${JSON.stringify(next)} after ${found}; is a space missing?`,
        offset,
      );
    }
    return { kind, text: found, offset: at };
  }
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (char === '"' || char === '`' || char === "'") throw new TemplateFailure('the string is not closed', at);
  throw new TemplateFailure(`unexpected ${JSON.stringify(char)} in an action`, at);
}
