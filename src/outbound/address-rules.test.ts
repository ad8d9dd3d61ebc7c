import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyButMachineOnly, onlyHosts } from './address-rules.ts';

for (const address of [
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  'fe80::1',
  'fe80::1%eth0',
  'fd00:ec2::254',
  '168.63.129.16',
  '100.100.100.200',
])
  test(`${address} is never connected to`, () => {
    assert.match(anyButMachineOnly(address, 'named.example.org') ?? '', /for this machine only/);
    assert.match(onlyHosts(['*', address])(address, address) ?? '', /for this machine only/);
  });

for (const address of ['127.0.0.1', '127.9.9.9', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1'])
  test(`events go to ${address} only by a name that is allowed`, () => {
    assert.match(onlyHosts(['*'])(address, 'here.example.org') ?? '', /is this machine/);
    assert.equal(onlyHosts(['*', 'here.example.org'])(address, 'here.example.org'), undefined);
    assert.equal(onlyHosts(['*.example.org'])(address, 'here.example.org'), undefined);
  });

for (const [hosts, host, isAllowed] of [
  [['*'], 'hooks.internal', true],
  [['hooks.internal'], 'hooks.internal', true],
  [['hooks.internal'], 'other.internal', false],
  [['*.internal'], 'hooks.internal', true],
  [['*.internal'], 'internal', false],
  [['*.internal'], 'hooks.notinternal', false],
] as const)
  test(`--event-hosts ${hosts.join()} ${isAllowed ? 'allows' : 'refuses'} ${host}`, () => {
    assert.equal(onlyHosts(hosts)('10.1.2.3', host) === undefined, isAllowed);
  });
