import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitShellWords } from './shell-words.ts';

const cases: [name: string, line: string, words: string[]][] = [
  ['nothing', '', []],
  ['blanks only', ' \t\n ', []],
  ['words', 'bash echo hi', ['bash', 'echo', 'hi']],
  ['many blanks, tabs and newlines', '  a \t b\nc\r\n d ', ['a', 'b', 'c', 'd']],
  ['single quotes', "bash -c 'echo  hi'", ['bash', '-c', 'echo  hi']],
  ['double quotes', 'bash -c "echo  hi"', ['bash', '-c', 'echo  hi']],
  ['a quote of the other kind', `"it's" 'say "x"'`, ["it's", 'say "x"']],
  ['quotes within a word', 'a"b c"d\'e f\'', ['ab cde f']],
  ['empty words', `'' "" a''`, ['', '', 'a']],
  ['a newline in quotes', "sh -c 'a\nb'", ['sh', '-c', 'a\nb']],
  ['a backslash before a blank', 'a\\ b c', ['a b', 'c']],
  ['a backslash before a quote', `\\"a\\' b`, [`"a'`, 'b']],
  ['a backslash before a letter', '\\a\\n', ['an']],
  ['a backslash before a backslash', 'a\\\\b', ['a\\b']],
  ['a backslash at the end', 'a\\', ['a\\']],
  ['a line that goes on', 'a \\\n  b\\\nc', ['a', 'bc']],
  ['no escapes in single quotes', "'a\\' b", ['a\\', 'b']],
  ['escapes in double quotes', '"\\"\\\\\\$\\`"', ['"\\$`']],
  ['no other escapes in double quotes', '"\\n\\a"', ['\\n\\a']],
  ['a line that goes on in double quotes', '"a\\\nb"', ['ab']],
  ['no variables', '$HOME "$X" ${Y}', ['$HOME', '$X', '${Y}']],
  ['no commands', '`id` $(id)', ['`id`', '$(id)']],
  ['no globs', '*.txt [a]', ['*.txt', '[a]']],
  ['no operators', 'a && b | c > d;', ['a', '&&', 'b', '|', 'c', '>', 'd;']],
  ['a comment', 'a # b c\nd', ['a', 'd']],
  ['a comment to the end', 'a # b', ['a']],
  ['no comment within a word', 'a#b "#" \\#', ['a#b', '#', '#']],
  ['letters beyond ASCII', 'é "😎 x"', ['é', '😎 x']],
  ['JSON', `jq '{"a": [1]}'`, ['jq', '{"a": [1]}']],
  [`what shellQuote makes`, `echo '{"a":"it'"'"'s"}'`, ['echo', `{"a":"it's"}`]],
];

for (const [name, line, words] of cases) {
  test(`words: ${name}`, () => {
    assert.deepEqual(splitShellWords(line), words);
  });
}

for (const [name, line, message] of [
  ['a single quote', "a 'b c", /a single quote is not closed: 'b c/],
  ['a double quote', 'a "b c', /a double quote is not closed: "b c/],
  ['an escaped end', 'a "b\\"', /a double quote is not closed/],
] as const) {
  test(`words, refused: ${name}`, () => {
    assert.throws(() => splitShellWords(line), message);
  });
}
