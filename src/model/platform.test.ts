import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dockerPlatform, runQueueName, type Platform } from './index.ts';

const platforms: [platform: Platform, expected: string][] = [
  [{ os: 'Linux' }, 'linux/amd64'],
  [{ os: 'linux', architecture: 'amd64' }, 'linux/amd64'],
  [{ os: 'LINUX', architecture: 'ARM64' }, 'linux/arm64'],
  [{ os: 'Linux', architecture: 'arm64', variant: 'V8' }, 'linux/arm64/v8'],
  [{ os: 'Linux', architecture: 'arm', variant: 'v7' }, 'linux/arm/v7'],
  [{ os: 'Linux', architecture: 'x86' }, 'linux/386'],
  [{ os: 'Linux', architecture: 'X86' }, 'linux/386'],
  [{ os: 'Linux', architecture: '386' }, 'linux/386'],
  [{ os: 'Windows', architecture: 'amd64' }, 'windows/amd64'],
];
for (const [platform, expected] of platforms) {
  test(`${JSON.stringify(platform)} is ${expected} to Docker`, () => {
    assert.equal(dockerPlatform(platform), expected);
  });
}

const queues: [pool: string | undefined, os: string, expected: string][] = [
  [undefined, 'Linux', 'runs.default.linux'],
  ['default', 'linux', 'runs.default.linux'],
  ['Default', 'LINUX', 'runs.default.linux'],
  [undefined, 'Windows', 'runs.default.windows'],
  ['Fast-Pool_1', 'Linux', 'runs.fast-pool_1.linux'],
];
for (const [pool, os, expected] of queues) {
  test(`runs of ${pool ?? 'no pool'} on ${os} wait in ${expected}`, () => {
    assert.equal(runQueueName(pool, os), expected);
  });
}
