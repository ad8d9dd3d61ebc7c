import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { parseSourceLocation, redactUrl } from './index.ts';
import { serviceError } from './testing.ts';

const accepted: [string, Record<string, string>][] = [
  ['20240101/abc.tar.gz', { kind: 'upload', relativePath: '20240101/abc.tar.gz' }],
  ['ext::sh -c id', { kind: 'upload', relativePath: 'ext::sh -c id' }],
  ['source.git', { kind: 'upload', relativePath: 'source.git' }],
  ['https://h/p/x.git', { kind: 'git', url: 'https://h/p/x.git' }],
  ['http://h/x.git', { kind: 'git', url: 'http://h/x.git' }],
  ['https://h/x.git#main', { kind: 'git', url: 'https://h/x.git', ref: 'main' }],
  ['https://h/x.git#main:a/b', { kind: 'git', url: 'https://h/x.git', ref: 'main', folder: 'a/b' }],
  ['https://h/x.git#:a/b', { kind: 'git', url: 'https://h/x.git', folder: 'a/b' }],
  ['https://h/x.git#:/a/./b//', { kind: 'git', url: 'https://h/x.git', folder: 'a/b' }],
  ['https://h/x.git#main:', { kind: 'git', url: 'https://h/x.git', ref: 'main' }],
  ['https://h/x.git#', { kind: 'git', url: 'https://h/x.git' }],
  ['https://h/x.git#pull/1/head', { kind: 'git', url: 'https://h/x.git', ref: 'pull/1/head' }],
  ['https://h/x.git#f%2Fy:a%20b', { kind: 'git', url: 'https://h/x.git', ref: 'f/y', folder: 'a b' }],
  ['https://h/x#main', { kind: 'git', url: 'https://h/x', ref: 'main' }],
  ['github.com/o/r.git#v1', { kind: 'git', url: 'https://github.com/o/r.git', ref: 'v1' }],
  ['https://github.com/o/r', { kind: 'git', url: 'https://github.com/o/r' }],
  ['https://github.com/o/r/', { kind: 'git', url: 'https://github.com/o/r/' }],
  [
    'https://github.com/o/r/archive/main.tar.gz',
    { kind: 'tarball', url: 'https://github.com/o/r/archive/main.tar.gz' },
  ],
  ['https://gitlab.com/g/s/r', { kind: 'git', url: 'https://gitlab.com/g/s/r' }],
  [
    'https://gitlab.com/g/r/-/archive/main/r.tar',
    { kind: 'tarball', url: 'https://gitlab.com/g/r/-/archive/main/r.tar' },
  ],
  ['https://bitbucket.org/o/r', { kind: 'git', url: 'https://bitbucket.org/o/r' }],
  ['https://dev.azure.com/o/p/_git/r', { kind: 'git', url: 'https://dev.azure.com/o/p/_git/r' }],
  ['https://o.visualstudio.com/p/_git/r', { kind: 'git', url: 'https://o.visualstudio.com/p/_git/r' }],
  ['https://h/x.tar.gz?sig=1', { kind: 'tarball', url: 'https://h/x.tar.gz?sig=1' }],
  ['https://h/x', { kind: 'tarball', url: 'https://h/x' }],
  ['oci://h:5000/a/b:v1', { kind: 'oci', registry: 'h:5000', repository: 'a/b', reference: 'v1' }],
  ['oci://r.example.org/a', { kind: 'oci', registry: 'r.example.org', repository: 'a', reference: 'latest' }],
  [
    `oci://localhost/a@sha256:${'0'.repeat(64)}`,
    { kind: 'oci', registry: 'localhost', repository: 'a', reference: `sha256:${'0'.repeat(64)}` },
  ],
];
for (const [text, expected] of accepted) {
  test(`the source location ${text}`, () => assert.deepEqual({ ...parseSourceLocation(text) }, expected));
}

const refused: [string, RegExp][] = [
  ['', /empty/],
  ['git://h/x.git', /git:\/\/.*https/],
  ['git@github.com:o/r.git', /ssh.*use https/],
  ['ssh://git@h/x.git', /ssh.*use https/],
  ['file:///etc/passwd', /file:\/\//],
  ['https://', /not a valid URL/],
  ['oci://app:v1', /names no registry.*oci:\/\/registry\/repository:tag/],
  ['oci://r.example.org/App', /is no repository/],
  ['oci://user:secret@r.example.org/app', /is wrong/],
  ['/etc/passwd', /neither a URL nor/],
  ['../other', /neither a URL nor/],
  ['a\nb', /control character/],
  ['https://h/x.git#a\u0000b', /control character/],
  ['https://h/x.git#a%0Ab', /ref .* git does not allow/],
  ['https://h/x.git#:a%0Ab', /folder .* control character/],
  ['https://h/x.git#--upload-pack=touch', /ref .* starts with "-"/],
  ['https://h/x.git#+refs/*', /ref .* starts with "\+"/],
  ['https://h/x.git#a..b', /ref/],
  ['https://h/x.git#a b', /ref/],
  ['https://h/x.git#^main', /ref/],
  ['https://h/x.git#main:../x', /folder .* contains \.\./],
  ['https://h/x.git#main:a/%2e%2e/x', /folder .* contains \.\./],
  ['https://h/x.git#main:-x', /folder .* starts with -/],
  ['https://a%0Ahost=evil@h/x.git', /credential .* control character/],
  [`https://h/${'x'.repeat(4096)}`, /4106 characters.*4096/],
];
for (const [text, message] of refused) {
  test(`the source location ${text.slice(0, 60)} is refused`, () => {
    assert.throws(() => parseSourceLocation(text), serviceError('InvalidSourceLocation', message));
  });
}

test('a credential is kept apart and does not print', () => {
  for (const [text, credential] of [
    ['https://tok%40en@h/x.git#main', 'tok@en'],
    ['https://u:p%3A@h/x.git', 'u:p:'],
    ['https://u:p@h/x.tar.gz', 'u:p'],
  ] as const) {
    const location = parseSourceLocation(text);
    assert.ok(location.kind === 'git' || location.kind === 'tarball');
    assert.equal(location.credential?.reveal(), credential);
    assert.match(location.url, /^https:\/\/h\/x/);
    assert.ok(!inspect(location).includes(credential) && !JSON.stringify(location).includes(credential));
  }
});

test('redactUrl leaves what may be printed', () => {
  for (const [url, printed] of [
    ['https://u:p@h/x.git#main:a', 'https://h/x.git#main:a'],
    ['https://h/x.tar?sig=secret&a=b', 'https://h/x.tar'],
    ['https://tok@:bad/x?y=1', 'https://***@:bad/x'],
  ] as const) {
    assert.equal(redactUrl(url), printed);
  }
});
