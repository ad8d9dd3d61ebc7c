import { ExpressionError, shown } from './error.ts';

/** An expression as a tree. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'member';
      readonly of: Expression;
      readonly name: Expression;
      /** `.?name` and `[?index]`: null where the member is missing. */
      readonly isSafe: boolean;
    };

/** ARM's limit of an expression, in characters. */
const maxLength = 24_576;
const maxDepth = 100;

/** Whether a text of a template is an expression: it stands in brackets, and not behind `[[`. */
export function isExpression(text: string): boolean {
  return text.startsWith('[') && text.endsWith(']') && !text.startsWith('[[');
}

/** What a text that is no expression stands for: `[[` is an escaped bracket. */
export function plainTextOf(text: string): string {
  return text.startsWith('[[') ? text.slice(1) : text;
}

/** A text that stands for `text` in a template, whatever it is. */
export function escapeText(text: string): string {
  return text.startsWith('[') ? `[${text}` : text;
}

/** Parses `[…]`. @throws ExpressionError with the position. */
export function parseExpression(text: string): Expression {
  if (text.length > maxLength) {
    throw new ExpressionError(
      `the expression has ${text.length} characters; at most ${maxLength} are allowed`,
    );
  }
  const parser = new Parser(text.slice(0, -1));
  return parser.parseAll();
}

const token =
  /\s*(?:(?<text>'(?:[^']|'')*')|(?<number>-?\d+)|(?<name>[A-Za-z_]\w*)|(?<mark>\.\?|\[\?|[()[\].,]))/y;

/** Recursive descent over the tokens of one expression. */
class Parser {
  readonly #text: string;
  #at = 1;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parseAll(): Expression {
    const expression = this.#expression();
    if (this.#text.slice(this.#at).trim() !== '') throw this.#unexpected('the end');
    return expression;
  }

  #expression(): Expression {
    this.#depth += 1;
    if (this.#depth > maxDepth)
      throw new ExpressionError(`the expression is nested deeper than ${maxDepth} levels`);
    let expression = this.#primary();
    for (;;) {
      const mark = this.#take('.') ?? this.#take('.?') ?? this.#take('[') ?? this.#take('[?');
      if (mark === undefined) break;
      const isSafe = mark.endsWith('?');
      const name = mark.startsWith('.') ? this.#memberName() : this.#expression();
      if (mark.startsWith('[')) this.#expect(']');
      expression = { kind: 'member', of: expression, name, isSafe };
    }
    this.#depth -= 1;
    return expression;
  }

  #primary(): Expression {
    const { text, number, name } = this.#next();
    if (text !== undefined) return { kind: 'literal', value: text.slice(1, -1).replaceAll("''", "'") };
    if (number !== undefined) return { kind: 'literal', value: Number(number) };
    if (name === undefined) throw this.#unexpected("a function, a text in '…' or a number");
    const inNamespace = this.#take('.');
    const called = inNamespace === undefined ? name : `${name}.${this.#name()}`;
    this.#expect('(');
    return { kind: 'call', name: called, args: this.#args() };
  }

  #args(): Expression[] {
    const args: Expression[] = [];
    if (this.#take(')') !== undefined) return args;
    do args.push(this.#expression());
    while (this.#take(',') !== undefined);
    this.#expect(')');
    return args;
  }

  #memberName(): Expression {
    return { kind: 'literal', value: this.#name() };
  }

  #name(): string {
    const { name } = this.#next();
    if (name === undefined) throw this.#unexpected('a name');
    return name;
  }

  #peek(): { groups: Record<string, string | undefined>; end: number } | undefined {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    return match?.groups && { groups: match.groups, end: token.lastIndex };
  }

  #next(): Record<string, string | undefined> {
    const found = this.#peek();
    if (!found) throw this.#unexpected('a value');
    if (found.groups.mark === undefined) this.#at = found.end;
    return found.groups;
  }

  #take(mark: string): string | undefined {
    const found = this.#peek();
    if (found?.groups.mark !== mark) return undefined;
    this.#at = found.end;
    return mark;
  }

  #expect(mark: string): void {
    if (this.#take(mark) === undefined) throw this.#unexpected(`'${mark}'`);
  }

  #unexpected(wanted: string): ExpressionError {
    const rest = this.#text.slice(this.#at).trim();
    const found = rest === '' ? 'its end' : `${shown(rest.slice(0, 20))}`;
    return new ExpressionError(
      `the expression ${shown(`${this.#text}]`)} is wrong at position ${this.#at}: expected ${wanted}, found ${found}`,
    );
  }
}
