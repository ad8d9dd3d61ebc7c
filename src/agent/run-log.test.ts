import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Secret } from '../model/index.ts';
import { openRunLog } from './run-log.ts';

function collect(): { text(): string; write(bytes: Buffer): Promise<void>; end(): Promise<void> } {
  const pieces: Buffer[] = [];
  return {
    text: () => Buffer.concat(pieces).toString(),
    async write(bytes) {
      pieces.push(Buffer.from(bytes));
    },
    async end() {},
  };
}

test('lines of two steps do not mix, whatever pieces they come in', () => {
  const sink = collect();
  const log = openRunLog(sink, []);
  const [a, b] = [log.openOutput(), log.openOutput()];
  void a.write(Buffer.from('a1'));
  void b.write(Buffer.from('b1\nb2'));
  void a.write(Buffer.from('a1\na2'));
  log.plain('line');
  a.flush();
  b.flush();
  assert.equal(sink.text(), 'b1\na1a1\nline\na2\nb2');
});

test('the beginning of a line shows after a pause, and at once when it is long', async () => {
  const sink = collect();
  const output = openRunLog(sink, []).openOutput();
  void output.write(Buffer.from('prompt> '));
  assert.equal(sink.text(), '');
  for (let waited = 0; sink.text() === '' && waited < 1000; waited += 1) await delay(20);
  assert.equal(sink.text(), 'prompt> ');
  void output.write(Buffer.alloc(65 * 1024, 'x'));
  assert.equal(sink.text().length, 8 + 65 * 1024);
});

test('a secret is masked also where pieces of other steps come between its own, and when it turns up late', () => {
  const sink = collect();
  const log = openRunLog(sink, [new Secret('sesame-one')]);
  const [a, b] = [log.openOutput(), log.openOutput()];
  void a.write(Buffer.from('sesame'));
  void b.write(Buffer.from('other\n'));
  void a.write(Buffer.from('-one\n'));
  log.addSecrets([new Secret('sesame-two')]);
  void b.write(Buffer.from('sesame-two\n'));
  log.plain('sesame-two');
  assert.equal(sink.text(), 'other\n***\n***\n***\n');
});
