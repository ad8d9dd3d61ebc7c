import { TemplateFailure } from './failure.ts';
import { limits } from './meter.ts';
import type { Command, Operand, Pipe } from './nodes.ts';
import { parseOperand } from './operands.ts';
import { type ParserState, fail, next, skipSpace, unexpected } from './parser-state.ts';

/** `$x := command | command`, up to and with the token that ends it. */
export function parsePipe(state: ParserState, context: string, end: 'right' | 'close'): Pipe {
  const { offset } = skipSpace(state);
  const { variables, isAssignment } = parseDeclarations(state, context);
  const commands: Command[] = [];
  for (;;) {
    const token = skipSpace(state);
    if (token.kind === end) break;
    commands.push(parseCommand(state, context));
  }
  state.at += 1;
  if (commands.length === 0) throw new TemplateFailure(`missing value for ${context}`, offset);
  for (const { operands, offset: at } of commands.slice(1)) {
    if (['bool', 'dot', 'nil', 'number', 'string'].includes(operands[0].kind)) {
      throw new TemplateFailure('a pipe goes into a function; this is a value', at);
    }
  }
  return { kind: 'pipe', offset, variables, isAssignment, commands };
}

function parseDeclarations(state: ParserState, context: string) {
  const variables: string[] = [];
  for (;;) {
    const start = state.at;
    const variable = skipSpace(state);
    if (variable.kind !== 'variable') {
      if (variables.length > 0) fail(state, 'range can only declare variables');
      return { variables, isAssignment: false };
    }
    state.at += 1;
    const { kind, offset } = skipSpace(state);
    if (kind === 'declare' || kind === 'assign') {
      state.at += 1;
      if (kind === 'assign' && !state.variables.includes(variable.text)) {
        throw new TemplateFailure(`undefined variable ${variable.text}`, variable.offset);
      }
      state.variables.push(...variables, variable.text);
      if (state.variables.length > limits.variables) {
        throw new TemplateFailure(`more than ${limits.variables} variables`, offset);
      }
      return { variables: [...variables, variable.text], isAssignment: kind === 'assign' };
    }
    if (kind !== 'comma') {
      if (variables.length > 0) throw new TemplateFailure(`expected := after ${variable.text}`, offset);
      state.at = start;
      return { variables: [], isAssignment: false };
    }
    if (context !== 'range' || variables.length > 0) {
      throw new TemplateFailure(`too many variables in ${context}`, offset);
    }
    state.at += 1;
    variables.push(variable.text);
  }
}

function parseCommand(state: ParserState, context: string): Command {
  const { offset } = skipSpace(state);
  const first = parseOperand(state, context);
  const operands: [Operand, ...Operand[]] = [first];
  for (;;) {
    const token = next(state);
    if (token.kind === 'pipe') {
      const after = skipSpace(state);
      if (after.kind === 'right' || after.kind === 'close') {
        throw new TemplateFailure(`missing command after | in ${context}`, token.offset);
      }
      break;
    }
    if (token.kind === 'right' || token.kind === 'close') {
      state.at -= 1;
      break;
    }
    if (token.kind !== 'space') unexpected(token, `${context} after a value`);
    const { kind } = skipSpace(state);
    if (kind !== 'pipe' && kind !== 'right' && kind !== 'close') operands.push(parseOperand(state, context));
  }
  return { offset, operands };
}
