import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTask } from './read-task.ts';
import type { BuildStep, CmdStep, Step, Task } from './task.ts';

const read = (yaml: string): { task: Task } => readTask(yaml, 'acb.yaml');
const stepOf = (properties: string): Step =>
  read(`steps:\n  - id: it\n    ${properties.replaceAll('\n', '\n    ')}\n`).task.steps[0] as Step;

const cmd: CmdStep = {
  kind: 'cmd',
  id: 'it',
  dependsOn: [],
  exitedWith: [],
  exitedWithout: [],
  environment: [],
  timeoutSeconds: 600,
  startDelaySeconds: 0,
  retries: 0,
  retryDelaySeconds: 5,
  retryOnErrors: [],
  repeat: 0,
  areErrorsIgnored: false,
  isKept: false,
  network: 'acb_default_network',
  image: 'alpine',
  arguments: [],
  ports: [],
  expose: [],
  isDetached: false,
  isPrivileged: false,
  isWorkingDirectoryKept: false,
  isPulled: false,
  downloadRetries: 0,
  downloadRetryDelaySeconds: 5,
  volumeMounts: [],
};

const properties: [name: string, written: string, expected: Partial<CmdStep>][] = [
  ['the defaults', '', {}],
  ['exitedWith', 'exitedWith: [0, 3]', { exitedWith: [0, 3] }],
  ['exitedWithout', 'exitedWithout: [255]', { exitedWithout: [255] }],
  ['env', 'env: [A=1, "B=x=y,z"]', { environment: ['A=1', 'B=x=y,z'] }],
  ['workingDirectory', 'workingDirectory: app', { workingDirectory: 'app' }],
  ['timeout', 'timeout: 30', { timeoutSeconds: 30 }],
  ['a timeout of 0 is the default', 'timeout: 0', {}],
  ['startDelay', 'startDelay: 3', { startDelaySeconds: 3 }],
  ['a startDelay below 0 is none', 'startDelay: -3', {}],
  ['retries', 'retries: 2', { retries: 2 }],
  ['retryDelay', 'retryDelay: 9', { retryDelaySeconds: 9 }],
  ['retryOnErrors', 'retryOnErrors: [timeout, reset]', { retryOnErrors: ['timeout', 'reset'] }],
  ['repeat', 'repeat: 4', { repeat: 4 }],
  ['ignoreErrors', 'ignoreErrors: true', { areErrorsIgnored: true }],
  ['keep', 'keep: yes', { isKept: true }],
  ['detach', 'detach: on', { isDetached: true }],
  ['privileged', 'privileged: true', { isPrivileged: true }],
  ['pull', 'pull: true', { isPulled: true }],
  [
    'disableWorkingDirectoryOverride',
    'disableWorkingDirectoryOverride: true',
    { isWorkingDirectoryKept: true },
  ],
  ['cmdDownloadRetries', 'cmdDownloadRetries: 3', { downloadRetries: 3 }],
  ['downloadRetries', 'downloadRetries: 3', { downloadRetries: 3 }],
  ['cmdDownloadRetryDelay', 'cmdDownloadRetryDelay: 7', { downloadRetryDelaySeconds: 7 }],
  ['downloadRetryDelay', 'downloadRetryDelay: 7', { downloadRetryDelaySeconds: 7 }],
  ['entryPoint', 'entryPoint: bash', { entryPoint: 'bash' }],
  ['user', 'user: 0777', { user: '0777' }],
  ['network', 'network: host', { network: 'host' }],
  ['isolation', 'isolation: default', { isolation: 'default' }],
  ['cpus', 'cpus: 0.5', { cpus: 0.5 }],
  ['cpus as a text', 'cpus: "2"', { cpus: 2 }],
  ['ports', 'ports: [8080:80, 53]', { ports: ['8080:80', '53'] }],
  ['expose', 'expose: [80, "81/udp"]', { expose: ['80', '81/udp'] }],
  ['empty properties', 'timeout:\nenv: ~\nwhen: []\nworkingDirectory: ""', {}],
];

for (const [name, written, expected] of properties) {
  test(`step: ${name}`, () => {
    assert.deepEqual(stepOf(`cmd: alpine\n${written}`), { ...cmd, ...expected });
  });
}

test('step: a cmd is split as a shell does', () => {
  const step = stepOf(`cmd: |\n  alpine sh -c 'echo "a  b" &&\n    true' # done`) as CmdStep;
  assert.deepEqual([step.image, ...step.arguments], ['alpine', 'sh', '-c', 'echo "a  b" &&\n  true']);
});

test('step: an alias may be the first word of a cmd, and no other word', () => {
  const words = new Map([['bash', 'image/bash:1 -x']]);
  const { task } = readTask('steps:\n  - cmd: bash bash\n  - cmd: mybash bash\n', 'acb.yaml', words);
  assert.deepEqual(
    task.steps.map((step) => step.kind === 'cmd' && [step.image, ...step.arguments]),
    [
      ['image/bash:1', '-x', 'bash'],
      ['mybash', 'bash'],
    ],
  );
});

for (const [name, written, images] of [
  ['a name without tag', '[r.io/a]', ['r.io/a:latest']],
  ['a port is no tag', '["localhost:5000/a"]', ['localhost:5000/a:latest']],
  ['each once, in their order', '[b:1, a:1, "b:1", a, a:latest]', ['b:1', 'a:1', 'a:latest']],
  ['a digest stays', `[a@sha256:${'a'.repeat(64)}]`, [`a@sha256:${'a'.repeat(64)}`]],
] as const) {
  test(`push: ${name}`, () => {
    const step = stepOf(`push: ${written}`);
    assert.deepEqual(step.kind === 'push' && step.images, images);
  });
}

for (const [written, isEnabled] of [
  ['enabled', true],
  ['Enabled', true],
  ['disabled', false],
  ['', false],
] as const) {
  test(`build: cache ${JSON.stringify(written)}`, () => {
    const step = stepOf(`build: -t a .\ncache: ${written}`) as BuildStep;
    assert.equal(step.isCacheEnabled, isEnabled);
    assert.deepEqual(step.command.tags, ['a']);
  });
}

test('a build finds its Dockerfile from the working directory of the task', () => {
  const { task } = read('workingDirectory: a\nsteps:\n  - build: -f Dockerfile ..\n');
  const [step] = task.steps as BuildStep[];
  assert.equal(step?.command.dockerfile, 'a/Dockerfile');
  assert.equal(step?.workingDirectory, 'a');
});
