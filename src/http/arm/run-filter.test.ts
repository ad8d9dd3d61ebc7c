import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError, type RunFilter } from '../../model/index.ts';
import { parseRunFilter } from './run-filter.ts';

/** A filter with every pair in parentheses, so that a table shows how it was understood. */
function shown(filter: RunFilter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${shown(filter.left)} ${filter.kind} ${shown(filter.right)})`;
    case 'contains':
      return `contains(${filter.property}, ${JSON.stringify(filter.text)})`;
    case 'compare': {
      const { property, operator, value } = filter;
      return `${property} ${operator} ${value instanceof Date ? value.toISOString() : JSON.stringify(value)}`;
    }
  }
}

const understood: [text: string, expected: string][] = [
  // Every property, in its own spelling and in others.
  ["runId eq 'ca1'", 'runId eq "ca1"'],
  ["RunId eq 'ca1'", 'runId eq "ca1"'],
  ["RUNTYPE eq 'QuickBuild'", 'runType eq "QuickBuild"'],
  ["Status eq 'Succeeded'", 'status eq "Succeeded"'],
  ["taskName eq 'nightly'", 'taskName eq "nightly"'],
  ["agentpoolname eq 'fast'", 'agentPoolName eq "fast"'],
  ["OutputImageManifests eq 'app@sha256:aa'", 'outputImageManifests eq "app@sha256:aa"'],
  ['IsArchiveEnabled eq true', 'isArchiveEnabled eq true'],
  ['isArchiveEnabled eq FALSE', 'isArchiveEnabled eq false'],
  ['CreateTime ge 2026-01-31T12:00:00Z', 'createTime ge 2026-01-31T12:00:00.000Z'],
  ['finishtime lt 2026-01-31T12:00:00Z', 'finishTime lt 2026-01-31T12:00:00.000Z'],
  // Every operator.
  ...['eq', 'ne', 'gt', 'ge', 'lt', 'le'].flatMap((operator): [string, string][] => [
    [`runId ${operator} 'ca5'`, `runId ${operator} "ca5"`],
    [`runId ${operator.toUpperCase()} 'ca5'`, `runId ${operator} "ca5"`],
  ]),
  // Times.
  ['createTime gt 2026-01-31', 'createTime gt 2026-01-31T00:00:00.000Z'],
  ['createTime gt 2026-01-31T12:00:00.123Z', 'createTime gt 2026-01-31T12:00:00.123Z'],
  ['createTime gt 2026-01-31T12:00:00.1234567Z', 'createTime gt 2026-01-31T12:00:00.123Z'],
  ['createTime gt 2026-01-31T12:00', 'createTime gt 2026-01-31T12:00:00.000Z'],
  ['createTime gt 2026-01-31T12:00:00+02:00', 'createTime gt 2026-01-31T10:00:00.000Z'],
  ["createTime gt datetime'2026-01-31T12:00:00Z'", 'createTime gt 2026-01-31T12:00:00.000Z'],
  ["createTime gt DateTime'2026-01-31T12:00:00Z'", 'createTime gt 2026-01-31T12:00:00.000Z'],
  ["createTime gt '2026-01-31T12:00:00Z'", 'createTime gt 2026-01-31T12:00:00.000Z'],
  // null.
  ['finishTime eq null', 'finishTime eq null'],
  ['taskName ne NULL', 'taskName ne null'],
  ["taskName eq 'null'", 'taskName eq "null"'],
  // Quotes.
  ["taskName eq ''", 'taskName eq ""'],
  ["taskName eq 'it''s'", 'taskName eq "it\'s"'],
  ["taskName eq ''''", 'taskName eq "\'"'],
  ["taskName eq ''' or status eq ''x'", 'taskName eq "\' or status eq \'x"'],
  ["taskName eq 'a and b or (c)'", 'taskName eq "a and b or (c)"'],
  ["taskName eq 'zwölf ☃'", 'taskName eq "zwölf ☃"'],
  ["taskName eq 'a\"b\\'", 'taskName eq "a\\"b\\\\"'],
  // contains.
  ["contains(taskName, 'night')", 'contains(taskName, "night")'],
  ["CONTAINS( OutputImageManifests ,'app@sha256:aa' )", 'contains(outputImageManifests, "app@sha256:aa")'],
  ["contains(status,'')", 'contains(status, "")'],
  // Precedence.
  ["runId eq 'a' and runId eq 'b'", '(runId eq "a" and runId eq "b")'],
  ["runId eq 'a' AND runId eq 'b'", '(runId eq "a" and runId eq "b")'],
  ["runId eq 'a' or runId eq 'b' and runId eq 'c'", '(runId eq "a" or (runId eq "b" and runId eq "c"))'],
  ["runId eq 'a' and runId eq 'b' or runId eq 'c'", '((runId eq "a" and runId eq "b") or runId eq "c")'],
  ["(runId eq 'a' or runId eq 'b') and runId eq 'c'", '((runId eq "a" or runId eq "b") and runId eq "c")'],
  ["runId eq 'a' or runId eq 'b' or runId eq 'c'", '((runId eq "a" or runId eq "b") or runId eq "c")'],
  ["runId eq 'a' and (runId eq 'b' and runId eq 'c')", '(runId eq "a" and (runId eq "b" and runId eq "c"))'],
  ["((status eq 'Failed'))", 'status eq "Failed"'],
  // Blanks.
  ["  status\teq\n'Failed'  ", 'status eq "Failed"'],
  ["(status eq 'a')or(status eq 'b')", '(status eq "a" or status eq "b")'],
  // What az sends for list-runs.
  [
    "TaskName eq 'x' and Status eq 'Succeeded' and contains(OutputImageManifests, 'r@sha256:b')",
    '((taskName eq "x" and status eq "Succeeded") and contains(outputImageManifests, "r@sha256:b"))',
  ],
];
for (const [text, expected] of understood) {
  test(`understood: ${text}`, () => assert.equal(shown(parseRunFilter(text)), expected));
}

const refused: [text: string, position: number, message: RegExp][] = [
  ['', 0, /a property, contains\( or \( is expected/],
  ['   ', 3, /is expected/],
  ['status', 6, /one of eq, ne, gt, ge, lt, le/],
  ["status is 'Failed'", 7, /one of eq, ne, gt, ge, lt, le/],
  ["status = 'Failed'", 7, /"= 'Failed'" is not understood/],
  ['status eq', 9, /status takes a text/],
  ['status eq Failed', 10, /status takes a text/],
  ['status eq "Failed"', 10, /not understood/],
  ["status eq 'Failed", 10, /not understood/],
  ["color eq 'red'", 0, /"color" is no property; there are runId, .*taskName/],
  ["  color eq 'red'", 2, /"color" is no property/],
  ["constructor eq 'x'", 0, /no property/],
  ["'Failed' eq status", 0, /a property.*not "Failed"/],
  ["status eq 'a' and", 17, /a property/],
  ["status eq 'a' status eq 'b'", 14, /and, or, or the end is expected, not "status"/],
  ["status eq 'a' xor status eq 'b'", 14, /not "xor"/],
  ["(status eq 'a'", 14, /\) is expected/],
  ["status eq 'a')", 13, /the end is expected, not "\)"/],
  ['()', 1, /a property.*not "\)"/],
  ["not status eq 'a'", 0, /"not" is no property/],
  ["contains(status 'a')", 16, /, is expected, not "a"/],
  ['contains(status, a)', 17, /a text in '…' is expected, not "a"/],
  ["contains('a', status)", 9, /a property is expected/],
  ["contains(createTime, '2026')", 9, /createTime is no text/],
  ["contains(isArchiveEnabled, 'true')", 9, /isArchiveEnabled is no text/],
  ["contains status, 'a'", 9, /\( is expected/],
  ["startswith(status, 'a')", 0, /"startswith" is no property/],
  ['createTime gt yesterday', 14, /createTime takes a time such as/],
  ["createTime gt 'yesterday'", 14, /createTime takes a time/],
  ["createTime gt datetime''", 14, /createTime takes a time/],
  ['createTime gt 2026-13-01', 14, /createTime takes a time/],
  ['createTime gt 2026-02-31', 14, /createTime takes a time/],
  ["createTime gt 'foo 1'", 14, /createTime takes a time/],
  ['createTime gt true', 14, /createTime takes a time/],
  ['taskName eq 2026-01-01', 12, /taskName takes a text/],
  ["isArchiveEnabled eq 'true'", 20, /isArchiveEnabled takes true or false/],
  ['isArchiveEnabled eq 1', 20, /not understood/],
  ["status eq 'a'; drop table runs", 13, /"; drop table runs" is not understood/],
  [`${'('.repeat(60)}status eq 'a'${')'.repeat(60)}`, 51, /nested deeper than 50/],
  [`taskName eq '${'x'.repeat(4100)}'`, 4096, /longer than 4096 characters/],
];
for (const [text, position, message] of refused) {
  test(`refused: ${text.slice(0, 60)}`, () => {
    assert.throws(
      () => parseRunFilter(text),
      (error) => {
        assert.ok(error instanceof ServiceError);
        assert.equal(error.statusCode, 400);
        assert.equal(error.code, 'InvalidFilter');
        assert.equal(error.target, '$filter');
        assert.match(error.message, message);
        assert.match(error.message, new RegExp(`at position ${position}:`));
        return true;
      },
    );
  });
}

test('a long row of conditions is read in a moment', () => {
  const filter = parseRunFilter(Array(150).fill("runId eq 'ca1'").join(' or '));
  assert.equal(shown(filter).match(/ca1/g)?.length, 150);
});
