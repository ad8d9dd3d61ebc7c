import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import { scanDockerfile, type ImageReference } from './index.ts';

type Options = NonNullable<Parameters<typeof scanDockerfile>[1]>;
type Case = [
  name: string,
  dockerfile: string,
  runtime: string | undefined,
  buildtime?: string[],
  options?: Options,
];

/** `registry/repository:tag@digest` without Docker Hub's host, so that the tables are short. */
function short({ registry, repository, tag, digest }: ImageReference): string {
  const host = registry === 'registry.hub.docker.com' ? '' : `${registry}/`;
  return `${host}${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function check(cases: readonly Case[]): void {
  for (const [name, dockerfile, runtime, buildtime = [], options = {}] of cases) {
    test(name, () => {
      const scanned = scanDockerfile(dockerfile, options);
      assert.equal(scanned.runtime && short(scanned.runtime), runtime);
      assert.deepEqual(scanned.buildtime.map(short), buildtime);
    });
  }
}

const digest = `sha256:${'a'.repeat(64)}`;

check([
  ['one stage', 'FROM alpine:3.20\nRUN true\n', 'library/alpine:3.20'],
  ['no final newline', 'FROM alpine:3.20', 'library/alpine:3.20'],
  ['a name without tag means latest', 'FROM golang', 'library/golang:latest'],
  ['library/golang is golang', 'FROM library/golang', 'library/golang:latest'],
  ['docker.io is the hub', 'FROM docker.io/library/golang:1', 'library/golang:1'],
  ['a digest', `FROM alpine@${digest}`, `library/alpine@${digest}`],
  ['another registry', 'FROM ghcr.io/o/base:1', 'ghcr.io/o/base:1'],
  ['a registry with a port', 'FROM localhost:5000/base', 'localhost:5000/base:latest'],
  ['scratch is no dependency', 'FROM scratch\nCOPY a /', undefined],
  ['a Dockerfile without FROM', '# nothing\nRUN true', undefined],
  ['an empty Dockerfile', '', undefined],
]);

const chain = 'FROM golang:1 AS build\nFROM build AS tested\nFROM alpine:3\nCOPY --from=build /a /a\n';
check([
  ['the last stage is the runtime, the others buildtime', chain, 'library/alpine:3', ['library/golang:1']],
  ['an alias is followed to its origin', 'FROM golang:1 AS a\nFROM a AS b\nFROM b', 'library/golang:1', []],
  [
    'an alias is compared without case',
    'FROM golang:1 AS Build\nFROM node:22\nFROM bUILD',
    'library/golang:1',
    ['library/node:22'],
  ],
  [
    'an alias that is also an image is the image before its stage',
    'FROM golang AS golang\nFROM golang',
    'library/golang:latest',
  ],
  [
    'of two stages of one name the later is meant',
    'FROM node:1 AS a\nFROM node:2 AS a\nFROM a',
    'library/node:2',
    ['library/node:1'],
  ],
  [
    'an image is listed once',
    'FROM node:1 AS a\nFROM node:1 AS b\nFROM alpine',
    'library/alpine:latest',
    ['library/node:1'],
  ],
  [
    'one that the runtime is too is no buildtime dependency',
    'FROM node:1 AS a\nFROM library/node:1',
    'library/node:1',
  ],
  [
    'buildtime dependencies of a scratch image',
    'FROM golang:1 AS a\nFROM scratch',
    undefined,
    ['library/golang:1'],
  ],
  ['target by alias', chain, 'library/golang:1', ['library/alpine:3'], { target: 'tested' }],
  ['target in another case', chain, 'library/golang:1', ['library/alpine:3'], { target: 'BUILD' }],
  ['target by number', chain, 'library/golang:1', ['library/alpine:3'], { target: '0' }],
  ['an empty target is the last', chain, 'library/alpine:3', ['library/golang:1'], { target: '' }],
  [
    'a target of scratch',
    'FROM scratch AS none\nFROM alpine',
    undefined,
    ['library/alpine:latest'],
    { target: 'none' },
  ],
]);

const withArg = 'ARG TAG=3.1\nFROM alpine:${TAG}\n';
check([
  ['an ARG has its default', withArg, 'library/alpine:3.1'],
  ['a build argument goes first', withArg, 'library/alpine:9', [], { buildArgs: { TAG: '9' } }],
  [
    'a build argument that no ARG declares is not used',
    'ARG TAG=1\nFROM alpine:$TAG',
    'library/alpine:1',
    [],
    { buildArgs: { OTHER: '9' } },
  ],
  ['$X', 'ARG IMAGE=alpine\nFROM $IMAGE', 'library/alpine:latest'],
  ['$X in the middle', 'ARG V=2\nFROM alpine:$V-slim', 'library/alpine:2-slim'],
  ['an ARG of an ARG', 'ARG A=1\nARG B=${A}.2\nFROM alpine:$B', 'library/alpine:1.2'],
  ['an ARG in double quotes', 'ARG T="3.1"\nFROM alpine:$T', 'library/alpine:3.1'],
  ['an ARG in single quotes', "ARG T='3.1'\nFROM alpine:$T", 'library/alpine:3.1'],
  ['several ARGs on one line', 'ARG A=1 B="2"\nFROM alpine:$A.$B', 'library/alpine:1.2'],
  [
    'an ARG without default, given',
    'ARG BASE\nFROM $BASE',
    'library/node:22',
    [],
    { buildArgs: { BASE: 'node:22' } },
  ],
  ['${X:-default} of an ARG that is empty', 'ARG T\nFROM alpine:${T:-3}', 'library/alpine:3'],
  ['${X:-default} of one that is set', 'ARG T=4\nFROM alpine:${T:-3}', 'library/alpine:4'],
  ['${X-default}', 'FROM alpine:${T-3}', 'library/alpine:3'],
  ['a default that is a variable', 'ARG D=5\nFROM alpine:${T:-$D}', 'library/alpine:5'],
  ['a default in braces', 'ARG D=5\nFROM alpine:${T:-${D}}', 'library/alpine:5'],
  ['${X:+other}', 'ARG SLIM=1\nFROM alpine:3${SLIM:+-slim}', 'library/alpine:3-slim'],
  ['${X:+other} of one that is empty', 'ARG SLIM=\nFROM alpine:3${SLIM:+-slim}', 'library/alpine:3'],
  [
    'an ARG after the first FROM counts for nothing',
    'ARG T=1\nFROM node:$T\nARG T=2\nFROM alpine:$T',
    'library/alpine:1',
    ['library/node:1'],
  ],
  [
    'an argument named like a member of every object',
    'ARG constructor\nFROM alpine:3${constructor}',
    'library/alpine:3',
  ],
  [
    'an alias that an ARG names',
    'ARG FLAVOUR=b\nFROM node:1 AS a\nFROM node:2 AS b\nFROM $FLAVOUR',
    'library/node:2',
    ['library/node:1'],
  ],
  [
    'the platform of the build chooses a stage',
    'FROM node:1 AS on-amd64\nFROM node:2 AS on-arm64\nFROM on-$TARGETARCH',
    'library/node:2',
    ['library/node:1'],
    { platform: 'linux/arm64/v8' },
  ],
  [
    'the parts of the platform',
    'FROM node:$TARGETOS-$TARGETARCH-$TARGETVARIANT',
    'library/node:linux-arm-v7',
    [],
    { platform: 'linux/arm/v7' },
  ],
]);

check([
  ['lower case', 'from alpine as x\nrun true', 'library/alpine:latest'],
  ['mixed case', 'From alpine As x\nFROM x', 'library/alpine:latest'],
  ['an image in double quotes', 'FROM "alpine:3"', 'library/alpine:3'],
  ['an image in single quotes', "FROM 'alpine:3' AS x", 'library/alpine:3'],
  ['a byte order mark', '\uFEFFFROM alpine:3', 'library/alpine:3'],
  [
    'a byte order mark before a comment',
    '\uFEFF# syntax=docker/dockerfile:1\nFROM alpine:3',
    'library/alpine:3',
  ],
  ['a byte order mark before a directive', '\uFEFF# escape=`\nFROM `\n alpine:3', 'library/alpine:3'],
  ['comments', '# FROM node\n  # FROM golang\nFROM alpine:3\n#FROM golang', 'library/alpine:3'],
  ['Windows line ends', 'ARG T=3\r\nFROM alpine:$T\r\nRUN true\r\n', 'library/alpine:3'],
  ['tabs and blanks', '\t FROM\t alpine:3 \t AS   x  ', 'library/alpine:3'],
  ['--platform', 'FROM --platform=linux/arm64 alpine:3 AS x', 'library/alpine:3'],
  ['--platform of a variable', 'FROM --platform=$BUILDPLATFORM alpine:3', 'library/alpine:3'],
  ['a continued line', 'FROM \\\n  alpine:3 \\\n  AS x\nFROM x', 'library/alpine:3'],
  ['a comment inside a continued line', 'FROM \\\n# which one?\n alpine:3', 'library/alpine:3'],
  ['a continued RUN that speaks of FROM', 'FROM alpine:3\nRUN echo \\\nFROM node\n', 'library/alpine:3'],
  ['another escape character', '# escape=`\nFROM `\n alpine:3\nRUN dir C:\\\nRUN b', 'library/alpine:3'],
  ['a FROM inside a heredoc', 'FROM alpine:3\nCOPY <<EOF /Dockerfile\nFROM node\nEOF\n', 'library/alpine:3'],
  [
    'a stage after a heredoc',
    'FROM node:1 AS a\nRUN <<-"EOT"\n\tFROM $NOTHING\n\tEOT\nFROM alpine:3',
    'library/alpine:3',
    ['library/node:1'],
  ],
  [
    'two heredocs of one instruction',
    'FROM alpine:3\nCOPY <<one <<two /d/\nFROM a\none\nFROM b\ntwo\nFROM scratch\n',
    undefined,
    ['library/alpine:3'],
  ],
  [
    'a shift to the left is no heredoc',
    'FROM node:1\nRUN echo $((1<<2))\nENV A=x<<y\nFROM alpine:3',
    'library/alpine:3',
    ['library/node:1'],
  ],
]);

const refused: [name: string, dockerfile: string, options: Options, code: string, message: RegExp][] = [
  ['a target that is not there', chain, { target: 'nope' }, 'InvalidTarget', /"nope".*build, tested/],
  ['a number past the stages', chain, { target: '3' }, 'InvalidTarget', /no stage "3"/],
  ['a target without named stages', 'FROM a', { target: 'x' }, 'InvalidTarget', /have no names/],
  ['a FROM that comes to nothing', 'ARG BASE\nFROM $BASE', {}, 'InvalidDockerfile', /FROM \$BASE.*ARG/],
  ['a FROM without image', 'FROM', {}, 'InvalidDockerfile', /"FROM" names no image/],
  ['an image that is no name', 'FROM Al:pi:ne', {}, 'InvalidImageReference', /"Al:pi:ne"/],
];
for (const [name, dockerfile, options, code, message] of refused) {
  test(`${name} is refused`, () => {
    assert.throws(
      () => scanDockerfile(dockerfile, options),
      (error) => error instanceof ServiceError && error.code === code && message.test(error.message),
    );
  });
}
