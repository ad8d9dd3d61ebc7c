import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePorts } from './ports.ts';

const cases: [string, Record<string, { HostIp?: string; HostPort: string }[]>][] = [
  ['80', { '80/tcp': [{ HostPort: '' }] }],
  ['8080:80', { '80/tcp': [{ HostPort: '8080' }] }],
  ['53:53/udp', { '53/udp': [{ HostPort: '53' }] }],
  ['127.0.0.1:8080:80', { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] }],
  ['127.0.0.1::80', { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] }],
  ['[::1]:8080:80', { '80/tcp': [{ HostIp: '::1', HostPort: '8080' }] }],
  ['8000-8001:80-81', { '80/tcp': [{ HostPort: '8000' }], '81/tcp': [{ HostPort: '8001' }] }],
  ['8000-8009:80', { '80/tcp': [{ HostPort: '8000-8009' }] }],
];
for (const [text, published] of cases) {
  test(`--publish ${text}`, () => {
    const ports = parsePorts([text], []);
    assert.deepEqual(ports, { exposed: Object.keys(published), published });
  });
}

test('--expose takes ports, ranges and protocols', () => {
  assert.deepEqual(parsePorts(['80'], ['80', '90-91/udp']).exposed, ['80/tcp', '90/udp', '91/udp']);
});

for (const text of [
  '',
  'x',
  '0',
  '70000',
  '80/http',
  '1:2:3',
  'host:1:2',
  '9-8',
  '1-2:1-3',
  '[x]:1:2',
  '80/',
]) {
  test(`--publish ${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => parsePorts([text], []), { code: 'InvalidArgument' });
  });
}
