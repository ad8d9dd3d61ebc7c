import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aliasSourcesOf, expandAliases } from './alias.ts';

const head = 'version: v1.1.0\n';
const block = (yaml: string): string => `${head}alias:\n${yaml}`;

/** The last line of the text, expanded; in each case the text before it is the alias block. */
const replacements: [name: string, before: string, line: string, expected: string, sources?: string[]][] = [
  ['built in: ID', head, 'a: $ID', 'a: {{.Run.ID}}'],
  ['built in: Registry', head, 'push: [$Registry/app:$ID]', 'push: [{{.Run.Registry}}/app:{{.Run.ID}}]'],
  ['built in: RegistryName', head, 'a: $RegistryName', 'a: {{.Run.RegistryName}}'],
  ['built in: SharedVolume', head, 'a: $SharedVolume', 'a: {{.Run.SharedVolume}}'],
  ['built in: Date', head, 'a: $Date', 'a: {{.Run.Date}}'],
  ['built in: OS and Architecture', head, 'a: $OS/$Architecture', 'a: {{.Run.OS}}/{{.Run.Architecture}}'],
  ['built in: Commit and Branch', head, 'a: $Commit@$Branch', 'a: {{.Run.Commit}}@{{.Run.Branch}}'],
  ['built in names have their case', head, 'a: $registry', 'a: $registry'],
  ['an image', head, 'cmd: $bash echo', 'cmd: image/bash:1 echo'],
  ['no name: a price', head, 'a: 5 $, $ 5', 'a: 5 $, $ 5'],
  ['at the very end', head, 'a: $ID', 'a: {{.Run.ID}}'],
  ['a lone $ at the end', head, 'a: $', 'a: $'],
  ['an unknown name stays', head, 'a: $HOME/$x9', 'a: $HOME/$x9'],
  ['an unknown name, then a known one', head, 'a: $nope$ID', 'a: $nope{{.Run.ID}}'],
  ['$$ is a literal $', head, 'a: $$ID $$', 'a: $ID $'],
  ['$$$ID is a $ and an ID', head, 'a: $$$ID', 'a: ${{.Run.ID}}'],
  ['a name ends at _', head, 'a: $ID_x', 'a: {{.Run.ID}}_x'],
  ['a name ends at a letter beyond ASCII', head, 'a: $IDé', 'a: {{.Run.ID}}é'],
  ['the longest name counts', head, 'a: $IDs', 'a: $IDs'],
  ['braces are no part', head, 'a: ${ID}', 'a: ${ID}'],
  ['a value', block('  values:\n    img: golang:1\n'), 'a: $img', 'a: golang:1'],
  ['back to back', block('  values:\n    a: x\n    b: y\n'), 'c: $a$b$a', 'c: xyx'],
  ['a value is not expanded again', block('  values:\n    a: $b\n    b: x\n'), 'c: $a', 'c: $b'],
  ['a value that replaces a built-in', block('  values:\n    ID: mine\n'), 'a: $ID', 'a: mine'],
  ['a value that replaces an image', block('  values:\n    bash: my/bash\n'), 'a: $bash', 'a: my/bash'],
  ['a value with a template', block("  values:\n    r: '{{.Run.ID}}'\n"), 'a: $r', 'a: {{.Run.ID}}'],
  ['a number as it is written', block('  values:\n    v: 1.10\n'), 'a: $v', 'a: 1.10'],
  ['an octal number as it is written', block('  values:\n    v: 0777\n'), 'a: $v', 'a: 0777'],
  ['an empty value', block('  values:\n    e:\n'), 'a: "$e"', 'a: ""'],
  ['no $ in the replacement is special', block('  values:\n    v: $&$1\n'), 'a: $v', 'a: $&$1'],
  ['a name of Object is none', head, 'a: $constructor $toString', 'a: $constructor $toString'],
  ['several lines', block('  values:\n    s: |\n      one\n      two\n'), 'x: $s y', 'x: one\ntwo\n y'],
  ['values in one line', `${head}alias: {values: {a: x}}\n`, 'b: $a', 'b: x'],
  ['an empty block', `${head}alias:\n`, 'b: $ID', 'b: {{.Run.ID}}'],
  ['another directive', block("  directive: '^'\n"), 'a: ^ID $ID ^^', 'a: {{.Run.ID}} $ID ^'],
  ['a directive that patterns know', block('  directive: .\n'), 'a: .ID', 'a: {{.Run.ID}}'],
  ['a directive beyond the plane', block('  directive: 😎\n'), 'a: 😎ID 😎😎', 'a: {{.Run.ID}} 😎'],
  ['a source', block('  src: [a.yaml]\n'), 'a: $x', 'a: 1', ['x: 1']],
  ['a later source goes first', block('  src: [a, b]\n'), 'a: $x', 'a: 2', ['x: 1', 'x: 2']],
  ['a value goes before sources', block('  src: [a]\n  values: {x: 3}\n'), 'a: $x', 'a: 3', ['x: 1']],
  ['a source goes before built-ins', block('  src: [a]\n'), 'a: $ID', 'a: 1', ['ID: 1']],
  ['an empty source', block('  src: [a]\n'), 'a: $ID', 'a: {{.Run.ID}}', ['# nothing\n']],
  ['nothing before v1.1.0', 'version: v1.0.0\nalias: {values: {a: x}}\n', 'b: $a $ID', 'b: $a $ID'],
  ['nothing without a version', '', 'b: $ID', 'b: $ID'],
];

for (const [name, before, line, expected, sources = []] of replacements) {
  test(`alias: ${name}`, () => {
    const { text } = expandAliases(`${before}${line}`, sources, { bash: 'image/bash:1' });
    const after = text.split('\n').slice(before.split('\n').length - 1);
    assert.equal(after.join('\n'), expected);
  });
}

test('the block and the comments leave their lines empty, so that all others keep their place', () => {
  const text = `# first\nversion: v1.1.0\nalias:\n  values:\n\n    a: x\n# between\nsteps:\n  # within\n  - cmd: $a\n`;
  const { text: expanded } = expandAliases(text, []);
  assert.equal(expanded, '\nversion: v1.1.0\n\n\n\n\n\nsteps:\n  # within\n  - cmd: x\n');
});

test('only the first words that aliases give may stand without $, and none of the run', () => {
  const { words } = expandAliases(block('  values: {mine: my/image}\n'), [], { bash: 'b:1' });
  assert.deepEqual(
    [...words],
    [
      ['bash', 'b:1'],
      ['mine', 'my/image'],
    ],
  );
});

const errors: [name: string, text: string, message: RegExp, sources?: string[]][] = [
  ['a directive of two characters', block('  directive: $$\n'), /overwritten by a single character/],
  ['an alphanumeric directive', block('  directive: a\n'), /may not be alphanumeric/],
  ['a directive that is a digit', block('  directive: 1\n'), /may not be alphanumeric/],
  ['a name with another character', block('  values: {a-b: x}\n'), /"a-b".*only support alphanumeric/],
  ['a name in a source', block('  src: [a]\n'), /"a b".*only support alphanumeric/, ['a b: x']],
  ['an empty name', block('  values: {"": x}\n'), /only support alphanumeric/],
  ['a value that is a map', block('  values: {a: {b: c}}\n'), /alias\.values\.a \(line 3\) is a map/],
  [
    'values that are a list',
    block('  values: [a]\n'),
    /alias\.values \(line 3\) is a list; it must be a map/,
  ],
  ['sources that are no list', block('  src: a.yaml\n'), /alias\.src \(line 3\) is "a\.yaml".*list of texts/],
  ['a block that is no YAML', block('  values: {a: [\n'), /the alias block is no YAML.*line/],
  ['a block that is a text', `${head}alias: x\n`, /alias \(line 2\) is "x"; it must be a map/],
  ['a source that is a list', block('  src: [a.yaml]\n'), /the alias file a\.yaml must be a map/, ['- x']],
  ['a source that is no YAML', block('  src: [a.yaml]\n'), /the alias file a\.yaml is no YAML/, ['{']],
  ['a wrong version', 'version: v3\n', /invalid version/],
];

for (const [name, text, message, sources = []] of errors) {
  test(`alias, refused: ${name}`, () => {
    assert.throws(() => expandAliases(text, sources), message);
  });
}

test('the sources of a block, in their order, files and URLs', () => {
  const text = block(
    '  src:\n    - a/b.yaml\n    - https://example.com/x.yaml\n    - HTTP://example.com/y\n',
  );
  assert.deepEqual(aliasSourcesOf(text), [
    { kind: 'file', location: 'a/b.yaml' },
    { kind: 'url', location: 'https://example.com/x.yaml' },
    { kind: 'url', location: 'HTTP://example.com/y' },
  ]);
  assert.deepEqual(aliasSourcesOf(text.replace('v1.1.0', 'v1.0.0')), []);
  assert.deepEqual(aliasSourcesOf(head), []);
});
