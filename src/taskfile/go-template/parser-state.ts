import { TemplateFailure } from './failure.ts';
import type { Token, TokenKind } from './lexer.ts';
import { limits } from './meter.ts';
import type { Node } from './nodes.ts';

/** What the parts of the parser share: the tokens, the place in them, the variables in scope. */
export interface ParserState {
  readonly tokens: readonly Token[];
  at: number;
  variables: string[];
  readonly isFunction: (name: string) => boolean;
  readonly defined: Map<string, readonly Node[]>;
  rangeDepth: number;
  nesting: number;
}

export const peek = (state: ParserState): Token => state.tokens[state.at] ?? endOf(state);

export function next(state: ParserState): Token {
  const token = peek(state);
  state.at += 1;
  return token;
}

// The last token is always `end`.
const endOf = (state: ParserState) => state.tokens.at(-1) ?? { kind: 'end', text: '', offset: 0 };

export function skipSpace(state: ParserState): Token {
  while (peek(state).kind === 'space') state.at += 1;
  return peek(state);
}

export function expect(state: ParserState, kind: TokenKind, where: string): Token {
  const token = skipSpace(state);
  if (token.kind !== kind) unexpected(token, where);
  return next(state);
}

export function unexpected(token: Token, where: string): never {
  const what = token.kind === 'end' ? 'end of the template' : token.text;
  throw new TemplateFailure(`unexpected ${what} in ${where}`, token.offset);
}

export function fail(state: ParserState, message: string): never {
  throw new TemplateFailure(message, peek(state).offset);
}

/** Runs `parse` one level deeper. */
export function nested<Result>(state: ParserState, parse: () => Result): Result {
  state.nesting += 1;
  if (state.nesting > limits.nesting) fail(state, `more than ${limits.nesting} levels within each other`);
  const result = parse();
  state.nesting -= 1;
  return result;
}
