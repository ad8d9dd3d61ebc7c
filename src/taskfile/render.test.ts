import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTaskFile, renderTaskFile, taskFileSecrets, type TaskFileInput } from './index.ts';

const run = {
  ID: 'ca1',
  TaskName: 'nightly',
  Registry: 'my.azurecr.io',
  RegistryName: 'my',
  Date: '20260131-010203z',
  OS: 'linux',
  Architecture: 'amd64',
  TriggeredBy: '',
  Commit: 'abc',
};
const inputOf = (text: string, more: Partial<TaskFileInput> = {}): TaskFileInput => ({
  text,
  aliasSources: [],
  values: [],
  run,
  surroundings: { now: new Date(0), random: () => 0 },
  ...more,
});

const cases: [name: string, text: string, expected: string, more?: Partial<TaskFileInput>][] = [
  ['no template', 'a: b', 'a: b'],
  ['the run', 'a: {{.Run.ID}} {{.Run.Registry}} {{.Run.TaskName}}', 'a: ca1 my.azurecr.io nightly'],
  ['Build.ID is the run', 'a: {{.Build.ID}}', 'a: ca1'],
  ['the shared volume', 'a: {{.Run.SharedVolume}}', 'a: /workspace'],
  ['what the source says', 'a: {{.Run.Commit}}', 'a: abc'],
  ['what nobody knows is empty', 'a: "{{.Run.Branch}}{{.Run.GitTag}}{{.Run.OSVersion}}"', 'a: ""'],
  [
    'a branch that is a template and names an alias',
    'version: v1.1.0\na: {{.Run.Branch}}',
    'version: v1.1.0\na: {{.Secrets.p}}$Registry',
    { run: { ...run, Branch: '{{.Secrets.p}}$Registry' }, secrets: { p: 'hidden' } },
  ],
  ['a value', 'a: {{.Values.x}}', 'a: 1', { valuesText: 'x: 1' }],
  ['a nested value', 'a: {{.Values.x.y}}', 'a: 2', { valuesText: 'x: {y: 2}' }],
  [
    'a given value goes first',
    'a: {{.Values.x}}',
    'a: 2',
    { valuesText: 'x: 1', values: [{ name: 'x', value: '2' }] },
  ],
  ['a value that is missing', 'a: {{.Values.x}}', 'a: <no value>'],
  ['a condition', 'a: {{if eq .Run.OS "linux"}}l{{else}}w{{end}}', 'a: l'],
  ['a secret', 'a: {{.Secrets.p}}', 'a: hidden', { secrets: { p: 'hidden' } }],
  ['an alias of the run', 'version: v1.1.0\na: $Registry/x:$ID', 'version: v1.1.0\na: my.azurecr.io/x:ca1'],
  [
    'an alias with a template',
    `version: v1.1.0\nalias: {values: {t: "{{.Values.x}}"}}\na: $t`,
    'version: v1.1.0\n\na: 1',
    { valuesText: 'x: 1' },
  ],
  [
    'ValuesJSON: one word of a shell, names in order',
    'a: {{.ValuesJSON}}',
    `a: '{"a":"it'"'"'s","b":{"c":1,"d":"\\u003c"}}'`,
    { valuesText: `b: {d: "<", c: 1}\na: it's` },
  ],
  ['ValuesJSON of nothing', 'a: {{.ValuesJSON}}', `a: '{}'`],
];

for (const [name, text, expected, more] of cases) {
  test(`render: ${name}`, () => {
    assert.equal(renderTaskFile(inputOf(text, more)).text, expected);
  });
}

test('render: RunJSON has every variable', () => {
  const { text } = renderTaskFile(inputOf('{{.RunJSON}}'));
  const json = JSON.parse(text.slice(1, -1)) as Record<string, string>;
  assert.deepEqual(json, {
    ...run,
    Branch: '',
    GitTag: '',
    OSVersion: '',
    Repository: '',
    SharedVolume: '/workspace',
  });
});

for (const [name, text, message] of [
  ['nothing', '', /rendered template was empty/],
  ['nothing left', '{{if .Values.x}}a: b{{end}}\n', /task: rendered template was empty/],
  ['a template that does not end', 'a: {{.Run.ID', /task:1/],
  ['an unknown function', '\na: {{nope}}', /task:2:.*nope/],
] as const) {
  test(`render, refused: ${name}`, () => {
    assert.throws(() => renderTaskFile(inputOf(text)), message);
  });
}

test('the secrets of a file are read without their values, and are in its second rendering', () => {
  const text = [
    'secrets:',
    '  - id: password',
    '    keyvault: https://{{.Values.vault}}/secrets/p',
    'steps:',
    '  - cmd: alpine echo {{.Secrets.password}}',
    '    env: [P={{.Secrets.password | b64enc}}]',
  ].join('\n');
  const input = inputOf(text, { valuesText: 'vault: v.vault.azure.net' });
  assert.deepEqual(taskFileSecrets(input), [
    { id: 'password', keyvault: 'https://v.vault.azure.net/secrets/p' },
  ]);
  const { task } = readTaskFile({ ...input, secrets: { password: 'open' } });
  const [step] = task.steps;
  assert.deepEqual(step?.kind === 'cmd' && step.arguments, ['echo', 'open']);
  assert.deepEqual(step?.environment, ['P=b3Blbg==']);
});

test('a file without secrets asks for none, and is not rendered for it', () => {
  assert.deepEqual(taskFileSecrets(inputOf('steps: [{cmd: {{nope}}}]')), []);
});

test('the first word of a cmd may be an alias, whose template is rendered too', () => {
  const text = [
    'version: v1.1.0',
    "alias: {values: {tool: '{{.Run.Registry}}/tool:1'}}",
    'steps:',
    '  - cmd: tool run',
    '  - cmd: bash -c true',
  ].join('\n');
  const { task, rendered } = readTaskFile(inputOf(text, { imageAliases: { bash: 'own/bash:1' } }));
  assert.deepEqual(
    task.steps.map((step) => step.kind === 'cmd' && step.image),
    ['my.azurecr.io/tool:1', 'own/bash:1'],
  );
  assert.match(rendered, /^version: v1\.1\.0\n\nsteps:/);
});
