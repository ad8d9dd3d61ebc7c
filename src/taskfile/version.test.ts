import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionOf } from './version.ts';

const cases: [name: string, text: string, version: string | RegExp][] = [
  ['none is v1.0.0', 'steps:\n', 'v1.0.0'],
  ['an empty text', '', 'v1.0.0'],
  ['an empty version', 'version:\nsteps:\n', 'v1.0.0'],
  ['v1.1.0', 'version: v1.1.0\nsteps:\n', 'v1.1.0'],
  ['v1.0.0', 'version: v1.0.0\n', 'v1.0.0'],
  ['the preview', 'version: 1.0-preview-1\n', '1.0-preview-1'],
  ['any case', 'version: V1.1.0\n', 'v1.1.0'],
  ['any case of the preview', 'version: 1.0-PREVIEW-1\n', '1.0-preview-1'],
  ['quotes', 'version: "v1.1.0"\n', 'v1.1.0'],
  ['single quotes, a quoted name', "'version' : 'v1.1.0'\n", 'v1.1.0'],
  ['a comment after it', 'version: v1.1.0 # aliases\n', 'v1.1.0'],
  ['after comments and other members', '# version: v9\nstepTimeout: 5\nversion: v1.1.0\n', 'v1.1.0'],
  ['the first one counts', 'version: v1.1.0\nversion: v1.0.0\n', 'v1.1.0'],
  ['not one that is further in', 'steps:\n  - version: v9\n', 'v1.0.0'],
  ['CRLF', 'version: v1.1.0\r\nsteps:\r\n', 'v1.1.0'],
  ['a byte order mark', '\uFEFFversion: v1.1.0\n', 'v1.1.0'],
  [
    'an unknown one',
    'version: v2.0.0\n',
    /^ServiceError: invalid version specified: "v2.0.0", the current version is "v1.0.0"$/,
  ],
  ['a number', 'version: 1\n', /invalid version specified: "1"/],
];

for (const [name, text, expected] of cases) {
  test(`version: ${name}`, () => {
    if (expected instanceof RegExp) assert.throws(() => versionOf(text), expected);
    else assert.equal(versionOf(text), expected);
  });
}
