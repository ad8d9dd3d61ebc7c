import { TemplateFailure } from './failure.ts';
import { tokenize } from './lexer.ts';
import { unquote } from './literals.ts';
import type { Node } from './nodes.ts';
import { type ParserState, expect, fail, nested, next, peek, skipSpace } from './parser-state.ts';
import { parsePipe } from './pipelines.ts';

export interface ParsedTemplate {
  readonly main: readonly Node[];
  /** What `define` and `block` define, by name. */
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

/**
 * Parses a template of Go's text/template.
 * @throws TemplateFailure with the offset of what is wrong.
 */
export function parseTemplate(text: string, isFunction: (name: string) => boolean): ParsedTemplate {
  const state: ParserState = {
    tokens: tokenize(text),
    at: 0,
    variables: ['$'],
    isFunction,
    defined: new Map(),
    rangeDepth: 0,
    nesting: 0,
  };
  const main: Node[] = [];
  while (peek(state).kind !== 'end') {
    if (keywordAhead(state) === 'define') parseDefinition(state);
    else {
      const node = parseNode(state);
      if (typeof node === 'string') fail(state, `unexpected {{${node}}}; there is nothing open`);
      if (node) main.push(node);
    }
  }
  return { main, defined: state.defined };
}

/** The first word of the action that comes next, if one does. */
function keywordAhead(state: ParserState): string | undefined {
  if (peek(state).kind !== 'left') return undefined;
  let at = state.at + 1;
  while (state.tokens[at]?.kind === 'space') at += 1;
  const token = state.tokens[at];
  return token?.kind === 'word' ? token.text : undefined;
}

/** A node; `end` or `else` when that comes next, its keyword read; undefined for a piece that is no node. */
function parseNode(state: ParserState): Node | 'end' | 'else' | undefined {
  const token = next(state);
  if (token.kind === 'text') return { kind: 'text', text: token.text };
  const word = skipSpace(state);
  if (word.kind !== 'word') return parseAction(state);
  state.at += 1;
  switch (word.text) {
    case 'if':
    case 'with':
    case 'range':
      return parseBranch(state, word.text, word.offset);
    case 'end':
      expect(state, 'right', '{{end}}');
      return 'end';
    case 'else':
      return 'else';
    case 'template':
      return parseTemplateCall(state);
    case 'block':
      return parseBlock(state);
    case 'define':
      throw new TemplateFailure('unexpected {{define}}; it stands outside of other actions', word.offset);
    case 'break':
    case 'continue':
      expect(state, 'right', `{{${word.text}}}`);
      if (state.rangeDepth === 0) {
        throw new TemplateFailure(`{{${word.text}}} outside {{range}}`, word.offset);
      }
      return { kind: word.text };
    default:
      state.at -= 1;
      return parseAction(state);
  }
}

function parseAction(state: ParserState): Node {
  return { kind: 'action', pipe: parsePipe(state, 'command', 'right') };
}

/** Nodes up to `{{end}}` or `{{else`. */
function parseBody(state: ParserState, opened: string, offset: number): [Node[], 'end' | 'else'] {
  const body: Node[] = [];
  while (peek(state).kind !== 'end') {
    const node = parseNode(state);
    if (typeof node === 'string') return [body, node];
    if (node) body.push(node);
  }
  throw new TemplateFailure(`unexpected end of the template: {{${opened}}} has no {{end}}`, offset);
}

function parseBranch(state: ParserState, kind: 'if' | 'with' | 'range', offset: number): Node {
  return nested(state, () => {
    const scope = state.variables.length;
    const pipe = parsePipe(state, kind, 'right');
    if (kind === 'range') state.rangeDepth += 1;
    const [body, stop] = parseBody(state, kind, offset);
    if (kind === 'range') state.rangeDepth -= 1;
    const otherwise = stop === 'else' ? parseElse(state, kind, offset) : undefined;
    state.variables.length = scope;
    return { kind, offset, pipe, body, otherwise };
  });
}

function parseElse(state: ParserState, kind: 'if' | 'with' | 'range', offset: number): Node[] {
  const word = skipSpace(state);
  // `else if` and `else with` need no {{end}} of their own.
  if (word.kind === 'word' && kind !== 'range' && word.text === kind) {
    state.at += 1;
    return [parseBranch(state, kind, word.offset)];
  }
  expect(state, 'right', '{{else}}');
  const [otherwise, stop] = parseBody(state, kind, offset);
  if (stop !== 'end') fail(state, `{{${kind}}} has more than one {{else}}; expected {{end}}`);
  return otherwise;
}

function parseName(state: ParserState, action: string): string {
  const token = expect(state, 'string', `{{${action}}}; its name stands in quotes`);
  return unquote(token.text, token.offset);
}

function parseTemplateCall(state: ParserState): Node {
  const { offset } = skipSpace(state);
  const name = parseName(state, 'template');
  if (skipSpace(state).kind !== 'right') {
    return { kind: 'template', offset, name, pipe: parsePipe(state, 'template clause', 'right') };
  }
  state.at += 1;
  return { kind: 'template', offset, name, pipe: undefined };
}

function parseDefinition(state: ParserState): void {
  const { offset } = next(state);
  skipSpace(state);
  state.at += 1; // define
  const name = parseName(state, 'define');
  expect(state, 'right', '{{define}}');
  define(state, name, 'define', offset);
}

function parseBlock(state: ParserState): Node {
  const { offset } = skipSpace(state);
  const name = parseName(state, 'block');
  const pipe = parsePipe(state, 'block clause', 'right');
  nested(state, () => {
    define(state, name, 'block', offset);
  });
  return { kind: 'template', offset, name, pipe };
}

/** Reads the body of a template with a scope of its own. */
function define(state: ParserState, name: string, action: string, offset: number): void {
  const { variables, rangeDepth } = state;
  state.variables = ['$'];
  state.rangeDepth = 0;
  const [body, stop] = parseBody(state, action, offset);
  if (stop !== 'end') fail(state, `unexpected {{else}} in {{${action}}}`);
  state.variables = variables;
  state.rangeDepth = rangeDepth;
  const earlier = state.defined.get(name);
  if (earlier && !isBlank(earlier)) {
    if (!isBlank(body))
      throw new TemplateFailure(`template ${JSON.stringify(name)} is defined twice`, offset);
  } else state.defined.set(name, body);
}

const isBlank = (body: readonly Node[]) =>
  body.every((node) => node.kind === 'text' && node.text.trim() === '');
