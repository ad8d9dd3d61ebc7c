import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBuildCommand } from './build-command.ts';
import type { BuildCommand } from './task.ts';

const plain: BuildCommand = {
  context: '.',
  tags: [],
  buildArguments: [],
  isCacheIgnored: false,
  isPulled: false,
  secrets: [],
  cacheFrom: [],
  cacheTo: [],
  labels: [],
  addHosts: [],
  otherFlags: [],
};

function read(line: string, workingDirectory?: string): { command: BuildCommand; warnings: string[] } {
  const warnings: string[] = [];
  const command = readBuildCommand(line, {
    workingDirectory,
    fail: (what) => {
      throw new Error(what);
    },
    warn: (what) => void warnings.push(what),
  });
  return { command, warnings };
}

const cases: [name: string, line: string, expected: Partial<BuildCommand>, workingDirectory?: string][] = [
  ['a context', '.', {}],
  ['no context', '', {}],
  ['a folder', 'app', { context: 'app' }],
  ['a folder with a blank', '"my app"', { context: 'my app' }],
  ['a folder of the workspace', '/workspace/app', { context: '/workspace/app' }],
  ['git', 'https://github.com/o/r.git#main:app', { context: 'https://github.com/o/r.git#main:app' }],
  ['a tar archive', 'https://example.com/a.tar.gz', { context: 'https://example.com/a.tar.gz' }],
  ['an artifact', 'oci://r.io/a:1', { context: 'oci://r.io/a:1' }],
  ['-t', '-t app:1 .', { tags: ['app:1'] }],
  ['-t without a blank', '-tapp:1 .', { tags: ['app:1'] }],
  ['-t=', '-t=app:1 .', { tags: ['app:1'] }],
  ['--tag', '--tag r.io/a/b:1 .', { tags: ['r.io/a/b:1'] }],
  ['--tag=', '--tag=app .', { tags: ['app'] }],
  ['several tags', '-t a:1 --tag b:2 .', { tags: ['a:1', 'b:2'] }],
  ['flags after the context', '. -t a:1', { tags: ['a:1'] }],
  ['a context after --', '-t a -- .', { tags: ['a'] }],
  ['-f', '-f docker/Dockerfile .', { dockerfile: 'docker/Dockerfile' }],
  ['--file=', '--file=Dockerfile.prod .', { dockerfile: 'Dockerfile.prod' }],
  ['the last -f', '-f a -f b .', { dockerfile: 'b' }],
  ['-f of a folder', '-f app/Dockerfile.x app', { context: 'app', dockerfile: 'Dockerfile.x' }],
  ['-f beside the folder', '-f Dockerfile app', { context: 'app', dockerfile: '../Dockerfile' }],
  [
    '-f of git',
    '-f app/Dockerfile https://e.com/r.git',
    { context: 'https://e.com/r.git', dockerfile: 'app/Dockerfile' },
  ],
  ['-f in the working directory', '-f Dockerfile ..', { context: '..', dockerfile: 'a/Dockerfile' }, 'a'],
  ['-f from the root', '-f /workspace/x/Dockerfile .', { dockerfile: '../x/Dockerfile' }, 'a'],
  ['--build-arg', '--build-arg A=1 .', { buildArguments: [{ name: 'A', value: '1' }] }],
  ['--build-arg of the environment', '--build-arg A .', { buildArguments: [{ name: 'A' }] }],
  ['an empty --build-arg', '--build-arg=A= .', { buildArguments: [{ name: 'A', value: '' }] }],
  ['--build-arg with = in it', '--build-arg A=b=c .', { buildArguments: [{ name: 'A', value: 'b=c' }] }],
  ['--build-arg in quotes', `--build-arg "A=b c" .`, { buildArguments: [{ name: 'A', value: 'b c' }] }],
  ['--target', '--target test .', { target: 'test' }],
  ['--platform', '--platform=linux/arm64/v8 .', { platform: 'linux/arm64/v8' }],
  ['--no-cache', '--no-cache .', { isCacheIgnored: true }],
  ['--no-cache=false', '--no-cache=false .', {}],
  ['--pull', '--pull .', { isPulled: true }],
  ['--pull=1', '--pull=1 .', { isPulled: true }],
  ['--secret of a file', '--secret id=a,src=a.txt .', { secrets: [{ id: 'a', source: 'a.txt' }] }],
  ['--secret with source', '--secret id=a,source=b/a .', { secrets: [{ id: 'a', source: 'b/a' }] }],
  ['--secret with a type', '--secret type=file,id=a,src=a .', { secrets: [{ id: 'a', source: 'a' }] }],
  ['--secret of the environment', '--secret id=a,env=TOKEN .', { secrets: [{ id: 'a', variable: 'TOKEN' }] }],
  ['--secret, type env', '--secret id=a,type=env,src=T .', { secrets: [{ id: 'a', variable: 'T' }] }],
  ['--secret by its id', '--secret id=TOKEN .', { secrets: [{ id: 'TOKEN', variable: 'TOKEN' }] }],
  ['--cache-from', '--cache-from r.io/a:c .', { cacheFrom: ['r.io/a:c'] }],
  ['--cache-from=', '--cache-from=type=registry,ref=a .', { cacheFrom: ['type=registry,ref=a'] }],
  ['--cache-to', '--cache-to type=registry,ref=a,mode=max .', { cacheTo: ['type=registry,ref=a,mode=max'] }],
  ['--label', '--label a=b --label "c=d e" .', { labels: ['a=b', 'c=d e'] }],
  ['--add-host', '--add-host h:1.2.3.4 .', { addHosts: ['h:1.2.3.4'] }],
  ['--network', '--network none .', { network: 'none' }],
  ['--network bridge', '--network=bridge .', { network: 'default' }],
  ['--ulimit', '--ulimit nofile=1024:2048 .', { otherFlags: ['--ulimit=nofile=1024:2048'] }],
  ['--shm-size', '--shm-size 1g .', { otherFlags: ['--shm-size=1g'] }],
  ['--provenance', '--provenance=false .', { otherFlags: ['--provenance=false'] }],
  [
    '--build-context of an image',
    '--build-context b=docker-image://alpine .',
    { otherFlags: ['--build-context=b=docker-image://alpine'] },
  ],
  [
    '--build-context of a folder',
    '--build-context b=lib app',
    { context: 'app', otherFlags: ['--build-context=b=../lib'] },
  ],
  [
    'all at once',
    '-qt a:1 -f x/Dockerfile --build-arg A=1 --target t --pull --no-cache x',
    {
      tags: ['a:1'],
      context: 'x',
      dockerfile: 'Dockerfile',
      buildArguments: [{ name: 'A', value: '1' }],
      target: 't',
      isPulled: true,
      isCacheIgnored: true,
    },
  ],
];

for (const [name, line, expected, workingDirectory] of cases) {
  test(`build: ${name}`, () => {
    assert.deepEqual(read(line, workingDirectory).command, { ...plain, ...expected });
  });
}

for (const line of [
  '--rm .',
  '--rm=false .',
  '-m 2GB .',
  '--memory=2g .',
  '--cpu-quota 5 .',
  '--cpuset-cpus 0,1 .',
  '--squash .',
  '--isolation hyperv .',
  '--progress plain .',
  '-q .',
  '--load .',
  '--security-opt x .',
]) {
  test(`build, without effect: ${line}`, () => {
    const { command, warnings } = read(line);
    assert.deepEqual(command, plain);
    assert.match(warnings.join('\n'), /^has --[\w-]+, which has no effect: /);
  });
}

const errors: [line: string, message: RegExp, workingDirectory?: string][] = [
  ['. app', /names 2 contexts \(\., app\)/],
  ['docker build .', /names 3 contexts/],
  ['-', /standard input/],
  ['-f - .', /its Dockerfile from the standard input/],
  ['--nope .', /"--nope" is no flag of docker build/],
  ['-x .', /"-x" is no flag of docker build/],
  ['-t', /-t needs a value/],
  ['--build-arg', /--build-arg needs a value/],
  ['--no-cache=maybe .', /--no-cache is "maybe"; it must be true or false/],
  ['--build-arg =x .', /it must be NAME or NAME=value/],
  ['-t UPPER .', /has a wrong tag: .*"UPPER"/],
  [`-t a@sha256:${'a'.repeat(64)} .`, /a tag has no digest/],
  ['..', /names the context "\.\."; it must be in the workspace/],
  ['/etc', /names the context "\/etc"/],
  ['../..', /it must be in the workspace/, 'a'],
  ['-f /etc/passwd .', /names the Dockerfile "\/etc\/passwd"/],
  ['-f ../Dockerfile .', /names the Dockerfile "\.\.\/Dockerfile"/],
  ['--secret id=a,src=../ssh/id .', /names the secret "\.\.\/ssh\/id"/],
  ['--secret src=a .', /must have an id/],
  ['--secret id=a,what=b .', /"what=b" is none of/],
  ['--secret id=a,src=b,env=C .', /either src or env/],
  ['--secret id=a,type=x .', /type must be file or env/],
  ['--cache-to type=local,dest=/tmp .', /a directory of the machine that builds/],
  ['--cache-from type=local,src=/ .', /a directory of the machine that builds/],
  ['--build-context a=/etc .', /names the build context "\/etc"/],
  ['--build-context a=oci-layout:///x .', /a directory of the machine/],
  ['--build-context a .', /must be name=source/],
  ['--network other .', /can use default, none, or host/],
  ['-o /etc .', /has --output, which is refused/],
  ['--output=type=local,dest=x .', /--output, which is refused/],
  ['--iidfile /x .', /--iidfile, which is refused/],
  ['--push .', /--push, which is refused: .*a push step pushes it/],
  ['--ssh default .', /--ssh, which is refused: .*use --secret/],
  ['--allow security.insecure .', /--allow, which is refused/],
  ['--cgroup-parent x .', /--cgroup-parent, which is refused/],
  ['-t "a .', /a double quote is not closed/],
];

for (const [line, message, workingDirectory] of errors) {
  test(`build, refused: ${line}`, () => {
    assert.throws(() => read(line, workingDirectory), message);
  });
}
