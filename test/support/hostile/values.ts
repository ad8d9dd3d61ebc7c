const nested = (depth: number): unknown => {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** One of each wrong kind, for every member of every schema. */
export const wrongValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  'a\u0000b',
  'lone \ud800 surrogate',
  '\udfff',
  'x'.repeat(70_000),
  [],
  {},
  [null],
  [[[]]],
  nested(200),
  '__proto__',
  '../../../etc/passwd',
  "'; drop table runs; --",
  '\u202e\ufeff😀',
  '%00%2e%2e',
  '-oProxyCommand=x',
  'true',
  '2026-13-45T99:99:99Z',
  { type: 'TaskRunRequest' },
];

/** Pieces of paths that mean something else to a careless decoder. */
export const pathTricks = [
  ...['%', '%zz', '%00', '%2F', '%2e%2e', '..', '.', '%ff', '%c0%af', '%25252e', '%u0041', '%F0%9F%98%80'],
  ...[
    '%ed%a0%80',
    '%0d%0aSet-Cookie:x',
    ';a=b',
    '\\',
    '*',
    '$metadata',
    "'",
    '%22',
    '%3Cscript%3E',
    '__proto__',
  ],
  ...['constructor', 'toString', 'a'.repeat(3000), '(%D0%B6)', '%5b%5d', '-', '~', '@', ':x', 'null', '%09'],
];

export const filters = [
  ...[
    "Status eq 'x\u0000'",
    "contains(TaskName, '\u0000')",
    "runId eq '\ud800'",
    'Status eq',
    "Status eq 'a",
  ],
  ...['('.repeat(4000), `${'('.repeat(60)}Status eq 'x'${')'.repeat(60)}`, 'not Status', "1 eq 1 or ''=''"],
  ...['createTime gt 275760-09-13T00:00:01Z', "createTime gt datetime'x'", "createTime ge '+275760-09-13'"],
  ...[
    "createTime lt '-271821-04-20'",
    "createTime gt '0000-01-01'",
    'createTime eq null',
    "finishTime ne ''",
  ],
  ...["isArchiveEnabled eq 'true'", 'isArchiveEnabled gt true', "__proto__ eq 'x'", "constructor eq 'x'"],
  ...["runType ne null and (status gt 'a' or taskName le '%')", "contains(status, '_%''')", '%', '\\', ' '],
  ...["outputImageManifests eq 'x'", "outputImageManifests gt 'x'", "status eq 'x' ".repeat(300), "'"],
  ...[Array(400).fill("runId eq 'ca1'").join(' or '), "agentPoolName eq 'x' and", "lower(status) eq 'x'"],
];

export const numbers = [
  ...['0', '-1', '1', '1e3', '0x10', '9999999999', '99999999999999999999', 'NaN', '', ' 5', '5;', '٣', '1.5'],
];

/** As the bytes of `$skiptoken` before base64. */
export const skipTokens = [
  ...['1', '-5', '9007199254740993', '1e300', 'x', '', '0x1', '\u0000', '99999999999', '1.5', ' 7 '],
];

export const versions = [
  '2025-03-01-preview',
  '2019-06-01-preview',
  '2018-09-01',
  '2026-12-31',
  '1',
  '\u0000',
  '',
];
