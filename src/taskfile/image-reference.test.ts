import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import { formatImageReference, parseImageReference } from './index.ts';

const hub = 'registry.hub.docker.com';
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

const understood: [
  text: string,
  registry: string,
  repository: string,
  tag?: string | undefined,
  digest?: string,
][] = [
  ['golang', hub, 'library/golang', 'latest'],
  ['library/golang', hub, 'library/golang', 'latest'],
  ['golang:1.22', hub, 'library/golang', '1.22'],
  ['team/app', hub, 'team/app', 'latest'],
  ['docker.io/golang', hub, 'library/golang', 'latest'],
  ['docker.io/team/app:v1', hub, 'team/app', 'v1'],
  ['index.docker.io/golang', hub, 'library/golang', 'latest'],
  ['registry-1.docker.io/library/golang', hub, 'library/golang', 'latest'],
  [`${hub}/golang`, hub, 'library/golang', 'latest'],
  ['localhost/app', 'localhost', 'app', 'latest'],
  ['localhost:5000/app', 'localhost:5000', 'app', 'latest'],
  ['localhost:5000/team/app:v1', 'localhost:5000', 'team/app', 'v1'],
  ['mcr.microsoft.com/dotnet/sdk:8.0', 'mcr.microsoft.com', 'dotnet/sdk', '8.0'],
  ['[::1]:5000/app', '[::1]:5000', 'app', 'latest'],
  [`app@${digest}`, hub, 'library/app', undefined, digest],
  [`localhost:5000/app:v1@${digest}`, 'localhost:5000', 'app', 'v1', digest],
  ['a/b/c/d:x', hub, 'a/b/c/d', 'x'],
  ['a__b/c-d/e.f/g---h', hub, 'a__b/c-d/e.f/g---h', 'latest'],
  [`app:${'t'.repeat(128)}`, hub, 'library/app', 't'.repeat(128)],
  ['app:Mixed_Case.1-x', hub, 'library/app', 'Mixed_Case.1-x'],
];
for (const [text, registry, repository, tag, hash] of understood) {
  test(`${text.slice(0, 60)} is understood`, () => {
    assert.deepEqual(parseImageReference(text), {
      registry,
      repository,
      ...(tag !== undefined && { tag }),
      ...(hash !== undefined && { digest: hash }),
    });
  });
}

const refused: [text: string, message: RegExp][] = [
  ['', /empty/],
  ['App', /"App" is no repository/],
  ['team/App:v1', /"team\/App" is no repository/],
  ['app:', /"" is no tag/],
  ['app:-x', /"-x" is no tag/],
  [`app:${'t'.repeat(129)}`, /is no tag/],
  ['app@sha256:abc', /"sha256:abc" is no digest/],
  ['app@', /is no digest/],
  [`app@${digest}@${digest}`, /more than one @/],
  ['a//b', /no repository/],
  ['/app', /no repository/],
  ['app/', /no repository/],
  ['a b', /no repository/],
  ['-app', /no repository/],
  ['a___b', /no repository/],
  ['--flag', /no repository/],
  ['https://host/app', /no /],
  ['host.tld:port/app', /"host\.tld:port" is no registry/],
  ['app\n:v1', /no repository/],
  ['a'.repeat(256), /no repository/],
];
for (const [text, message] of refused) {
  test(`the image name ${JSON.stringify(text.slice(0, 60))} is refused`, () => {
    assert.throws(
      () => parseImageReference(text),
      (error) =>
        error instanceof ServiceError &&
        error.statusCode === 400 &&
        error.code === 'InvalidImageReference' &&
        message.test(error.message),
    );
  });
}

const printed: [text: string, expected: string][] = [
  ['golang', 'docker.io/library/golang:latest'],
  ['localhost:5000/app:v1', 'localhost:5000/app:v1'],
  [`ghcr.io/o/app@${digest}`, `ghcr.io/o/app@${digest}`],
  [`ghcr.io/o/app:v1@${digest}`, `ghcr.io/o/app:v1@${digest}`],
];
for (const [text, expected] of printed) {
  test(`${text.slice(0, 40)} is printed as Docker takes it`, () => {
    const printedText = formatImageReference(parseImageReference(text));
    assert.equal(printedText, expected);
    assert.deepEqual(parseImageReference(printedText), parseImageReference(text));
  });
}
