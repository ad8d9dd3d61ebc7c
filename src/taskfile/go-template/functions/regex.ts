import { RE2JS, RE2JSSyntaxException } from 're2js';
import { TemplateFailure } from '../failure.ts';
import { checkListSize, checkStringSize } from '../meter.ts';
import { GoList, type Value, strings } from '../values.ts';
import { type FunctionContext, type FunctionTable, define } from './define.ts';

const match = (context: FunctionContext, pattern: string, text: string) =>
  finder(context, pattern, text)(0) !== undefined;
const find = define(['string', 'string'], (context, pattern, text) => {
  const found = finder(context, pattern, text)(0);
  return found ? text.slice(found.start, found.end) : '';
});
const findAll = define(['string', 'string', 'int'], (context, pattern, text, count) => {
  const found = matches(finder(context, pattern, text), text, limitOf(count));
  if (found.length === 0) return new GoList('[]string', [], true);
  return strings(found.map(({ start, end }) => text.slice(start, end)));
});
const replaceAll = define(['string', 'string', 'string'], (context, pattern, text, by) =>
  replace(finder(context, pattern, text), text, (found) => expand(by, found)),
);
const replaceAllLiteral = define(['string', 'string', 'string'], (context, pattern, text, by) =>
  replace(finder(context, pattern, text), text, () => by),
);
const split = define(['string', 'string', 'int'], (context, pattern, text, count) =>
  splitAt(finder(context, pattern, text), pattern, text, Number(count)),
);

/** sprig's functions of regular expressions, in RE2's syntax and its linear time. */
export const regex: FunctionTable = {
  regexMatch: define(['string', 'string'], (context, pattern, text) => {
    try {
      return match(context, pattern, text);
    } catch (error) {
      if (error instanceof SyntaxFailure) return false;
      throw error;
    }
  }),
  mustRegexMatch: define(['string', 'string'], match),
  regexFind: find,
  mustRegexFind: find,
  regexFindAll: findAll,
  mustRegexFindAll: findAll,
  regexReplaceAll: replaceAll,
  mustRegexReplaceAll: replaceAll,
  regexReplaceAllLiteral: replaceAllLiteral,
  mustRegexReplaceAllLiteral: replaceAllLiteral,
  regexSplit: split,
  mustRegexSplit: split,
  regexQuoteMeta: define(['string'], (_, text) => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
};

class SyntaxFailure extends TemplateFailure {}

interface Found {
  readonly start: number;
  readonly end: number;
  /** What the group of that number or name matched; empty for none. */
  group(nameOrNumber: string): string;
}
type Finder = (from: number) => Found | undefined;

const maxPatternChars = 1000;
const maxProgramSize = 20_000;

/** Finds the first match at or after a place in the text. */
function finder({ meter }: FunctionContext, pattern: string, text: string): Finder {
  if (pattern.length > maxPatternChars) {
    throw new TemplateFailure(`the regular expression has more than ${maxPatternChars} characters`);
  }
  const compiled = compile(pattern);
  const size = compiled.programSize();
  if (size > maxProgramSize) throw new TemplateFailure('the regular expression repeats too much');
  meter.spend(size * 10);
  const matcher = compiled.matcher(text);
  return (from) => {
    // Every search may walk all the rest of the text with all states of the program.
    meter.spend(10 + (text.length - from) * (1 + size / 4));
    if (!matcher.find(from)) return undefined;
    const group = (key: string) => {
      if (/^\d+$/.test(key))
        return Number(key) <= matcher.groupCount() ? (matcher.group(Number(key)) ?? '') : '';
      return Object.hasOwn(compiled.namedGroups(), key) ? (matcher.group(key) ?? '') : '';
    };
    return { start: matcher.start(), end: matcher.end(), group };
  };
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw new SyntaxFailure(error.message);
    throw error;
  }
}

const widthAt = (text: string, at: number) => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
const limitOf = (count: bigint) => (count < 0n ? Infinity : Number(count));

/** As regexp.FindAll of Go: no empty match right after another. */
function matches(findFrom: Finder, text: string, limit: number): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let previousEnd = -1;
  for (let at = 0; found.length < limit && at <= text.length;) {
    const each = findFrom(at);
    if (!each) break;
    const isRepeated = each.end === at && each.start === previousEnd;
    at = each.end === at ? at + widthAt(text, at) : each.end;
    previousEnd = each.end;
    if (!isRepeated) found.push({ start: each.start, end: each.end });
    checkListSize(found.length);
  }
  return found;
}

function replace(findFrom: Finder, text: string, by: (found: Found) => string): string {
  let replaced = '';
  let lastEnd = 0;
  for (let at = 0; at <= text.length;) {
    const found = findFrom(at);
    if (!found) break;
    replaced += text.slice(lastEnd, found.start);
    if (found.end > lastEnd || found.start === 0) replaced += by(found);
    checkStringSize(replaced.length);
    lastEnd = found.end;
    at = Math.max(found.end, at + widthAt(text, at));
  }
  return replaced + text.slice(lastEnd);
}

/** `$1`, `$name` and `${name}` of a replacement; a name is as long as it can be. */
function expand(template: string, found: Found): string {
  return template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) =>
    whole === '$$' ? '$' : found.group(braced ?? plain ?? ''),
  );
}

function splitAt(findFrom: Finder, pattern: string, text: string, count: number): Value {
  if (count === 0) return new GoList('[]string', [], true);
  if (pattern !== '' && text === '') return strings(['']);
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const found of matches(findFrom, text, count < 0 ? Infinity : count)) {
    if (count > 0 && parts.length === count - 1) break;
    end = found.start;
    if (found.end !== 0) parts.push(text.slice(begin, end));
    begin = found.end;
  }
  if (end !== text.length) parts.push(text.slice(begin));
  return strings(parts);
}
