import { TemplateFailure } from './failure.ts';
import type { Token } from './lexer.ts';
import { isInt64, parseFloatLiteral, parseInteger, unquote } from './literals.ts';
import type { NumberOperand, Operand } from './nodes.ts';
import { type ParserState, nested, next, peek, unexpected } from './parser-state.ts';
import { parsePipe } from './pipelines.ts';

/** A term with the fields that follow it: `.a.b`, `$x.y`, `(f .x).y`. */
export function parseOperand(state: ParserState, context: string): Operand {
  const term = parseTerm(state, context);
  const { offset } = peek(state);
  const names: string[] = [];
  while (peek(state).kind === 'field') names.push(next(state).text.slice(1));
  if (names.length === 0) return term;
  switch (term.kind) {
    case 'field':
    case 'variable':
      return { ...term, names: [...term.names, ...names] };
    case 'pipe':
    case 'function':
      return { kind: 'chain', offset, of: term, names };
    default:
      throw new TemplateFailure('unexpected . after a value', offset);
  }
}

function parseTerm(state: ParserState, context: string): Operand {
  const token = next(state);
  const { offset, text } = token;
  switch (token.kind) {
    case 'dot':
      return { kind: 'dot', offset };
    case 'field':
      return { kind: 'field', offset, names: [text.slice(1)] };
    case 'variable':
      if (!state.variables.includes(text)) throw new TemplateFailure(`undefined variable ${text}`, offset);
      return { kind: 'variable', offset, name: text, names: [] };
    case 'string':
      return { kind: 'string', offset, value: unquote(text, offset), source: text };
    case 'character':
      return parseCharacter(token);
    case 'number':
      return parseNumber(token);
    case 'open':
      return nested(state, () => parsePipe(state, 'parenthesized pipeline', 'close'));
    case 'word':
      return parseWord(state, token, context);
    default:
      return unexpected(token, context);
  }
}

const keywords = new Set([
  'if',
  'with',
  'range',
  'end',
  'else',
  'template',
  'block',
  'define',
  'break',
  'continue',
]);

function parseWord(state: ParserState, { text, offset }: Token, context: string): Operand {
  if (text === 'true' || text === 'false') return { kind: 'bool', offset, value: text === 'true' };
  if (text === 'nil') return { kind: 'nil', offset };
  if (keywords.has(text)) throw new TemplateFailure(`unexpected ${text} in ${context}`, offset);
  if (!state.isFunction(text))
    throw new TemplateFailure(`function ${JSON.stringify(text)} not defined`, offset);
  return { kind: 'function', offset, name: text };
}

function parseCharacter({ text, offset }: Token): NumberOperand {
  const [character, ...more] = unquote(text, offset);
  if (character === undefined || more.length > 0) {
    throw new TemplateFailure(`${text} is no single character; strings stand in double quotes`, offset);
  }
  const code = character.codePointAt(0) ?? 0;
  return { kind: 'number', offset, source: text, int: BigInt(code), float: code };
}

function parseNumber({ text, offset }: Token): NumberOperand {
  const integer = parseInteger(text);
  if (integer !== undefined) {
    if (!isInt64(integer))
      throw new TemplateFailure(`integer overflow: ${text} has more than 64 bits`, offset);
    return { kind: 'number', offset, source: text, int: integer, float: Number(integer) };
  }
  const float = parseFloatLiteral(text);
  if (float === undefined || !/[.eEpP]/.test(text))
    throw new TemplateFailure(`bad number syntax: ${text}`, offset);
  const isWhole = Number.isInteger(float) && isInt64(BigInt(float));
  return { kind: 'number', offset, source: text, int: isWhole ? BigInt(float) : undefined, float };
}
