import {
  runFilterProperties,
  ServiceError,
  type ComparisonOperator,
  type RunFilter,
  type RunFilterProperty,
} from '../../model/index.ts';

interface Token {
  readonly kind: 'word' | 'text' | 'time' | '(' | ')' | ',' | 'end';
  readonly value: string;
  /** Where it begins, counted from 0. */
  readonly position: number;
}

const tokenPattern =
  /\s*(?:(?<time>\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?)|datetime'(?<old>[^']*)'|'(?<text>(?:[^']|'')*)'|(?<word>[A-Za-z]+)|(?<sign>[(),]))/iy;

const operators = new Set<string>(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const maxLength = 4096;
const maxDepth = 50;

function refuse(position: number, message: string): never {
  throw new ServiceError(400, 'InvalidFilter', `The $filter is wrong at position ${position}: ${message}`, {
    target: '$filter',
  });
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (;;) {
    tokenPattern.lastIndex = end;
    const match = tokenPattern.exec(text);
    if (!match) break;
    const { time, old, text: quoted, word, sign } = match.groups ?? {};
    const value = time ?? old ?? quoted?.replaceAll("''", "'") ?? word ?? sign ?? '';
    const sort = (sign ?? (word ? 'word' : quoted === undefined ? 'time' : 'text')) as Token['kind']; // by the pattern's groups
    const width = match[0].trimStart().length;
    end = tokenPattern.lastIndex;
    tokens.push({ kind: sort, value, position: end - width });
  }
  const rest = text.slice(end);
  if (rest.trim() !== '')
    refuse(end + rest.search(/\S/), `${JSON.stringify(rest.trim().slice(0, 20))} is not understood`);
  return [...tokens, { kind: 'end', value: '', position: text.length }];
}

/**
 * Reads `$filter` of Runs_List: comparisons (`eq ne gt ge lt le`) and `contains(property, 'text')`, joined
 * by `and` and `or` (`and` binds tighter), in parentheses. Names are compared without case.
 * @throws ServiceError 400 `InvalidFilter` with the position, counted from 0.
 */
export function parseRunFilter(text: string): RunFilter {
  if (text.length > maxLength) refuse(maxLength, `it is longer than ${maxLength} characters`);
  if (text.includes('\0')) refuse(text.indexOf('\0'), 'a NUL character is in no name');
  const tokens = tokensOf(text);
  let index = 0;
  const peek = (): Token => tokens[index] ?? { kind: 'end', value: '', position: text.length };
  const next = (): Token => {
    const token = peek();
    index += 1;
    return token;
  };
  const isWord = (token: Token, word: string): boolean =>
    token.kind === 'word' && token.value.toLowerCase() === word;
  const expect = (kind: Token['kind'], what: string): Token => {
    const token = next();
    return token.kind === kind
      ? token
      : refuse(token.position, `${what} is expected${token.value && `, not ${JSON.stringify(token.value)}`}`);
  };

  const either = (depth: number): RunFilter => {
    let left = both(depth);
    while (isWord(peek(), 'or')) {
      next();
      left = { kind: 'or', left, right: both(depth) };
    }
    return left;
  };
  const both = (depth: number): RunFilter => {
    let left = single(depth);
    while (isWord(peek(), 'and')) {
      next();
      left = { kind: 'and', left, right: single(depth) };
    }
    return left;
  };
  const single = (depth: number): RunFilter => {
    const token = peek();
    if (depth > maxDepth) refuse(token.position, `it is nested deeper than ${maxDepth}`);
    if (token.kind === '(') {
      next();
      const inner = either(depth + 1);
      expect(')', ')');
      return inner;
    }
    if (isWord(token, 'contains')) return contains();
    const property = propertyOf(expect('word', 'a property, contains( or ('));
    const sign = next();
    const operator = sign.value.toLowerCase();
    if (sign.kind !== 'word' || !operators.has(operator))
      refuse(sign.position, 'one of eq, ne, gt, ge, lt, le is expected');
    return {
      kind: 'compare',
      property,
      operator: operator as ComparisonOperator,
      value: valueOf(property, next()),
    };
  };
  const contains = (): RunFilter => {
    next();
    expect('(', '(');
    const name = expect('word', 'a property');
    const property = propertyOf(name);
    if (kindOf(property) !== 'text') refuse(name.position, `${property} is no text`);
    expect(',', ',');
    const wanted = expect('text', "a text in '…'").value;
    expect(')', ')');
    return { kind: 'contains', property, text: wanted };
  };

  const filter = either(0);
  const last = peek();
  if (last.kind !== 'end')
    refuse(last.position, `and, or, or the end is expected, not ${JSON.stringify(last.value)}`);
  return filter;
}

function propertyOf({ value, position }: Token): RunFilterProperty {
  const found = runFilterProperties.find((name) => name.toLowerCase() === value.toLowerCase());
  return (
    found ??
    refuse(position, `${JSON.stringify(value)} is no property; there are ${runFilterProperties.join(', ')}`)
  );
}

function kindOf(property: RunFilterProperty): 'time' | 'flag' | 'text' {
  if (property === 'createTime' || property === 'finishTime') return 'time';
  return property === 'isArchiveEnabled' ? 'flag' : 'text';
}

function valueOf(
  property: RunFilterProperty,
  { kind, value, position }: Token,
): string | boolean | Date | null {
  const word = kind === 'word' ? value.toLowerCase() : undefined;
  if (word === 'null') return null;
  switch (kindOf(property)) {
    case 'time': {
      const time = kind === 'time' || kind === 'text' ? timeOf(value) : undefined;
      return time ?? refuse(position, `${property} takes a time such as 2026-01-31T12:00:00Z`);
    }
    case 'flag':
      return word === 'true' || word === 'false'
        ? word === 'true'
        : refuse(position, `${property} takes true or false`);
    case 'text':
      return kind === 'text' ? value : refuse(position, `${property} takes a text in '…'`);
  }
}

/** A date, or a time in UTC unless it says otherwise (RFC 3339); undefined for what is on no calendar. */
function timeOf(text: string): Date | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/i.exec(text);
  const [, date = '', clock = '00:00', zone = 'Z'] = parts ?? [];
  const midnight = new Date(`${date}T00:00Z`);
  const isDay = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
  const time = new Date(`${date}T${clock}${zone}`);
  // As a database has them, too.
  return isDay && time.getUTCFullYear() >= 1 && time.getUTCFullYear() <= 9999 ? time : undefined;
}
