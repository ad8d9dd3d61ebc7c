import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTask } from './read-task.ts';
import type { BuildStep, CmdStep, Task } from './task.ts';

const read = (yaml: string): { task: Task; warnings: readonly string[] } => readTask(yaml, 'acb.yaml');

const tasks: [name: string, yaml: string, pick: (task: Task) => unknown, expected: unknown][] = [
  [
    'ids of their place',
    'steps: [{cmd: a}, {id: x, cmd: b}, {cmd: c}]',
    (task) => task.steps.map(({ id }) => id),
    ['acb_step_0', 'x', 'acb_step_2'],
  ],
  [
    'what they wait for',
    'steps: [{cmd: a}, {cmd: b}, {id: c, cmd: c, when: ["-"]}, {cmd: d, when: [c, acb_step_0]}]',
    (task) => task.steps.map(({ dependsOn }) => dependsOn),
    [[], ['acb_step_0'], [], ['c', 'acb_step_0']],
  ],
  [
    'stepTimeout',
    'stepTimeout: 50\nsteps: [{cmd: a}, {cmd: b, timeout: 9}]',
    (task) => task.steps.map(({ timeoutSeconds }) => timeoutSeconds),
    [50, 9],
  ],
  [
    'workingDirectory',
    'workingDirectory: w\nsteps: [{cmd: a}, {cmd: b, workingDirectory: x}]',
    (task) => task.steps.map(({ workingDirectory }) => workingDirectory),
    ['w', 'x'],
  ],
  [
    'env of the task, several in one, behind the step’s own',
    'env: ["A=1,B=2", C=3]\nsteps: [{cmd: a, env: [B=x]}]',
    (task) => task.steps[0]?.environment,
    ['A=1', 'C=3', 'B=x'],
  ],
  ['the version in lower case', 'version: V1.1.0\nsteps: [{cmd: a}]', (task) => task.version, 'v1.1.0'],
  ['no version', 'steps: [{cmd: a}]', (task) => task.version, 'v1.0.0'],
  [
    'the default network',
    'steps: [{cmd: a}]',
    (task) => task.networks,
    [{ name: 'acb_default_network', driver: 'bridge', hasIpv6: false, isCreationSkipped: false }],
  ],
  [
    'a default network of its own',
    'networks: [{name: n, driver: overlay, ipv6: true, isDefault: true, skipCreation: true}]\nsteps: [{cmd: a}]',
    (task) => [task.networks, task.steps[0]?.network],
    [[{ name: 'n', driver: 'overlay', hasIpv6: true, isCreationSkipped: true }], 'n'],
  ],
  [
    'the last default network',
    'networks: [{name: a, isDefault: true}, {name: b, isDefault: true}]\nsteps: [{cmd: a}]',
    (task) => task.steps[0]?.network,
    'b',
  ],
  [
    'networks without a default',
    'networks: [{name: n}]\nsteps: [{cmd: a}, {cmd: b, network: n}]',
    (task) => [task.networks.map(({ name }) => name), task.steps.map(({ network }) => network)],
    [
      ['n', 'acb_default_network'],
      ['acb_default_network', 'n'],
    ],
  ],
  [
    'networks without a default that all steps name',
    'networks: [{name: n}]\nsteps: [{cmd: b, network: n}]',
    (task) => task.networks.map(({ name }) => name),
    ['n'],
  ],
  [
    'secrets',
    'secrets: [{id: p, keyvault: "https://v.vault.azure.net/secrets/p", clientID: c}]\nsteps: [{cmd: a}]',
    (task) => task.secrets,
    [{ id: 'p', keyvault: 'https://v.vault.azure.net/secrets/p', clientId: 'c' }],
  ],
  [
    'volumes and mounts',
    'volumes: [{name: v, secret: {f: aGk=, e: ""}}]\nsteps: [{cmd: a, volumeMounts: [{name: v, mountPath: /v}]}]',
    (task) => [task.volumes, (task.steps[0] as CmdStep).volumeMounts],
    [[{ name: 'v', secret: { f: 'aGk=', e: '' } }], [{ name: 'v', mountPath: '/v' }]],
  ],
  [
    'mounts of a build',
    'volumes: [{name: v, secret: {f: aGk=}}]\nsteps: [{build: ., volumeMounts: [{name: v, mountPath: /v}]}]',
    (task) => (task.steps[0] as BuildStep).volumeMounts,
    [{ name: 'v', mountPath: '/v' }],
  ],
  [
    'anchors and merges',
    'x: &base {timeout: 7, env: [A=1]}\nsteps:\n  - {<<: *base, cmd: a}\n  - {<<: *base, cmd: b, timeout: 8}',
    (task) => task.steps.map(({ timeoutSeconds, environment }) => [timeoutSeconds, environment]),
    [
      [7, ['A=1']],
      [8, ['A=1']],
    ],
  ],
  [
    'JSON',
    '{"version": "v1.1.0", "steps": [{"cmd": "a"}]}',
    (task) => [task.version, task.steps.length],
    ['v1.1.0', 1],
  ],
  ['a step of none', 'steps:', (task) => task.steps, []],
];

for (const [name, yaml, pick, expected] of tasks) {
  test(`task: ${name}`, () => {
    assert.deepEqual(pick(read(yaml).task), expected);
  });
}

const warned: [name: string, yaml: string, warning: RegExp][] = [
  [
    'an unknown property of a step',
    'steps:\n  - cmd: a\n    imag: b\n',
    /^steps\[0\]\.imag \(line 3\) is not known and has no effect$/,
  ],
  [
    'a property in another case',
    'steps: [{cmd: a, workingdirectory: b}]',
    /workingdirectory.*; is workingDirectory meant\?/,
  ],
  ['an unknown property of the task', 'steps: [{cmd: a}]\nfoo: 1', /^foo \(line 2\) is not known/],
  ['an unknown property of a network', 'networks: [{name: n, x: 1}]\nsteps: [{cmd: a}]', /^networks\[0\]\.x/],
  [
    'a property that comes twice',
    'steps:\n  - cmd: a\n    timeout: 1\n    timeout: 2\n',
    /^steps\[0\]\.timeout \(line 4\) is given twice; the last one counts/,
  ],
  [
    'aliases before they are',
    'alias: {values: {a: b}}\nsteps: [{cmd: a}]',
    /^alias \(line 1\) has no effect; .*version: v1\.1\.0/,
  ],
  ['a second document', 'steps: [{cmd: a}]\n---\nx: 1\n', /more than one YAML document/],
  ['no steps', 'steps: []', /has no steps; the run does nothing/],
  [
    'a flag without effect',
    'steps: [{id: b, build: -m 2g .}]',
    /^steps\[0\]\.build \(line 1\) of step b has --memory, which has no effect/,
  ],
];

for (const [name, yaml, warning] of warned) {
  test(`task, warned: ${name}`, () => {
    const { warnings } = read(yaml);
    assert.equal(warnings.length, 1, warnings.join('\n'));
    assert.match(warnings[0] ?? '', warning);
  });
}

test('what a task may have is not warned of', () => {
  assert.deepEqual(
    read('version: v1.0.0\nsteps: [{push: [a], cache: enabled, user: x, build: ""}]').warnings,
    [],
  );
});

const errors: [name: string, yaml: string, message: RegExp, target?: string][] = [
  ['nothing', '', /acb\.yaml is no task: it has no steps/, 'steps'],
  ['no steps', 'version: v1.0.0', /it has no steps/, 'steps'],
  ['a text', 'hello', /acb\.yaml \(line 1\) must be a map/],
  ['a list', '- cmd: a', /must be a map/],
  ['no YAML', 'steps:\n  - cmd: [', /acb\.yaml is no YAML: .* line 2, column/],
  [
    'steps that are no list',
    'steps: {cmd: a}',
    /steps \(line 1\) is a map; it must be a list of maps/,
    'steps',
  ],
  [
    'a step that is a text',
    'steps:\n- cmd: a\n- b',
    /steps\[1\] \(line 3\) is "b"; it must be a map/,
    'steps[1]',
  ],
  ['a version that is not', 'version: v2\nsteps: []', /invalid version specified: "v2"/, 'version'],
  ['no kind', 'steps:\n  - id: x', /step x must have a cmd, build or push/, 'steps[0].cmd'],
  [
    'two kinds',
    'steps: [{id: x, cmd: a, build: .}]',
    /steps\[0\]\.cmd \(line 1\) of step x stands beside build/,
  ],
  ['three kinds', 'steps: [{cmd: a, build: ., push: [b]}]', /stands beside build and push/],
  ['an empty cmd', 'steps: [{id: x, cmd: ""}]', /must have a cmd/],
  ['an empty push', 'steps: [{id: x, push: []}]', /must have a cmd/],
  [
    'push that is a text',
    'steps: [{id: x, push: a}]',
    /steps\[0\]\.push \(line 1\) is "a"; it must be a list of texts/,
  ],
  ['a wrong image', 'steps: [{id: x, push: [A]}]', /of step x: "A" is no image name/, 'steps[0].push'],
  ['a cmd that begins with a flag', 'steps: [{id: x, cmd: -it alpine}]', /it must begin with an image/],
  ['a cmd that is a comment', 'steps: [{id: x, cmd: "# a"}]', /names no image/],
  [
    'a cmd with an open quote',
    `steps: [{id: x, cmd: "a 'b"}]`,
    /steps\[0\]\.cmd: a single quote is not closed/,
  ],
  ['a cmd that is a list', 'steps: [{cmd: [a]}]', /steps\[0\]\.cmd \(line 1\) is a list; it must be a text/],
  [
    'a timeout that is a text',
    'steps:\n  - cmd: a\n  - cmd: a\n    timeout: "5m"',
    /steps\[1\]\.timeout \(line 4\) is "5m"; it must be a whole number/,
    'steps[1].timeout',
  ],
  ['a timeout in quotes', 'steps: [{cmd: a, timeout: "5"}]', /is "5"; it must be a whole number/],
  ['half a second', 'steps: [{cmd: a, timeout: 0.5}]', /is "0\.5"; it must be a whole number/],
  [
    'a flag that is a text',
    'steps: [{cmd: a, keep: "true"}]',
    /keep \(line 1\) is "true"; it must be true or false/,
  ],
  ['a flag that is a number', 'steps: [{cmd: a, pull: 1}]', /is "1"; it must be true or false/],
  [
    'env that is a map',
    'steps: [{cmd: a, env: {A: 1}}]',
    /env \(line 1\) is a map; it must be a list of texts/,
  ],
  ['env without a value', 'steps: [{cmd: a, env: [A]}]', /env \(line 1\) has "A"; it must be NAME=value/],
  [
    'env of the task without a value',
    'env: ["A=1,B"]\nsteps: [{cmd: a}]',
    /^ServiceError: env \(line 1\) has "B"/,
  ],
  ['env without a name', 'steps: [{cmd: a, env: ["=b"]}]', /must be NAME=value/],
  [
    'an exit code that is a text',
    'steps: [{cmd: a, exitedWith: [x]}]',
    /exitedWith\[0\] \(line 1\) is "x"; it must be a whole number/,
  ],
  ['retries below 0', 'steps: [{cmd: a, retries: -1}]', /retries \(line 1\) is -1; it must be 0 or more/],
  ['repeat below 0', 'steps: [{cmd: a, repeat: -1}]', /repeat \(line 1\) is -1/],
  ['cpus that are no number', 'steps: [{cmd: a, cpus: many}]', /cpus \(line 1\) is "many"/],
  ['cpus below 0', 'steps: [{cmd: a, cpus: -1}]', /must be a number of CPUs/],
  [
    'another cache',
    'steps: [{build: ., cache: on}]',
    /cache \(line 1\) is "on"; it must be enabled or disabled/,
  ],
  ['an id with a space', 'steps: [{id: a b, cmd: a}]', /the step id "a b" has spaces/, 'steps[0].id'],
  ['an id too long', `steps: [{id: ${'a'.repeat(201)}, cmd: a}]`, /has 201 characters; it may have 200/],
  ['an id with a newline', 'steps: [{id: "a\\nb", cmd: a}]', /has spaces/],
  ['an id twice', 'steps: [{id: a, cmd: a}, {id: a, cmd: b}]', /two steps are called a/, 'steps[1].id'],
  [
    'an id like that of a place',
    'steps: [{cmd: a}, {id: acb_step_0, cmd: b}]',
    /two steps are called acb_step_0/,
  ],
  ['acb_root', 'steps: [{id: acb_root, cmd: a}]', /reserved/],
  [
    'a wait for nobody',
    'steps: [{id: a, cmd: a, when: [b]}]',
    /step a waits for "b", which is no step/,
    'steps[0].when',
  ],
  [
    'a cycle',
    'steps: [{id: a, cmd: a, when: [b]}, {id: b, cmd: b}]',
    /wait for each other: (a → b → a|b → a → b)/,
  ],
  [
    'mounts of a push',
    'volumes: [{name: v, secret: {f: ""}}]\nsteps: [{push: [a], volumeMounts: [{name: v, mountPath: /v}]}]',
    /only cmd and build steps have mounts/,
  ],
  [
    'a mount of no volume',
    'steps: [{cmd: a, volumeMounts: [{name: v, mountPath: /v}]}]',
    /volumeMounts\[0\]\.name \(line 1\) is "v", which is no volume/,
  ],
  [
    'two mounts in one place',
    'volumes: [{name: v, secret: {f: ""}}]\nsteps: [{cmd: a, volumeMounts: [{name: v, mountPath: /v}, {name: v, mountPath: /v}]}]',
    /mountPath .*"\/v", as that of another mount/,
  ],
  [
    'a mount that is relative',
    'volumes: [{name: v, secret: {f: ""}}]\nsteps: [{cmd: a, volumeMounts: [{name: v, mountPath: v}]}]',
    /must be an absolute path/,
  ],
  [
    'a volume twice',
    'volumes: [{name: v, secret: {f: ""}}, {name: v, secret: {f: ""}}]\nsteps: []',
    /volumes\[1\]\.name .*another volume/,
  ],
  ['a volume without a name', 'volumes: [{secret: {f: ""}}]\nsteps: []', /volumes\[0\]\.name is ""/],
  ['a volume of nothing', 'volumes: [{name: v}]\nsteps: []', /secret is missing/],
  [
    'a file outside its volume',
    'volumes: [{name: v, secret: {../f: ""}}]\nsteps: []',
    /must be a plain name/,
  ],
  [
    'a content that is not in base64',
    'volumes: [{name: v, secret: {f: "hunter2!"}}]\nsteps: []',
    /file "f" whose content is not in base64$/,
  ],
  [
    'a network that is not there',
    'steps: [{cmd: a, network: n}]',
    /network \(line 1\) is "n", which the task does not have; there are acb_default_network, host/,
  ],
  ['a network without a name', 'networks: [{driver: x}]\nsteps: []', /networks\[0\]\.name is missing/],
  ['a network twice', 'networks: [{name: n}, {name: n}]\nsteps: []', /as that of another network/],
  [
    'a secret twice',
    'secrets: [{id: a, keyvault: "https://v/secrets/a"}, {id: a, keyvault: "https://v/secrets/a"}]\nsteps: []',
    /secrets\[1\]\.id .*duplicate secret/,
  ],
  [
    'a secret without an id',
    'secrets: [{keyvault: "https://v/secrets/a"}]\nsteps: []',
    /secrets\[0\]\.id is missing/,
  ],
  ['a secret without a vault', 'secrets: [{id: a}]\nsteps: []', /secrets\[0\]\.keyvault is missing/],
  ['a secret that is no URL', 'secrets: [{id: a, keyvault: b}]\nsteps: []', /it must be the URL of a secret/],
  [
    'a wrong build line',
    'steps: [{id: b, build: --nope .}]',
    /steps\[0\]\.build \(line 1\) of step b "--nope" is no flag/,
  ],
  ['an unknown alias', 'steps: *a', /Unresolved alias|unknown alias/],
  ['a merge of a text', 'steps: [{<<: x, cmd: a}]', /<< must merge a map/],
];

for (const [name, yaml, message, target] of errors) {
  test(`task, refused: ${name}`, () => {
    assert.throws(
      () => read(yaml),
      (error: Error & { target?: string; code?: string }) => {
        assert.match(String(error), message);
        assert.equal(error.code, 'InvalidTaskFile');
        if (target !== undefined) assert.equal(error.target, target);
        return true;
      },
    );
  });
}
