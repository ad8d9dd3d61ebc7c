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

type Pool = Parameters<typeof runQueueName>[0];
const queues: [pool: Pool, os: string, expected: string][] = [
  [undefined, 'Linux', 'runs.default.linux'],
  [undefined, 'WINDOWS', 'runs.default.windows'],
  [{ registryId: 'r1', name: 'Fast-Pool-1' }, 'Linux', 'runs.r1.fast-pool-1.linux'],
  [{ registryId: 'r2', name: 'fast-pool-1' }, 'LINUX', 'runs.r2.fast-pool-1.linux'],
];
for (const [pool, os, expected] of queues) {
  test(`runs of ${pool?.name ?? 'no pool'} on ${os} wait in ${expected}`, () => {
    assert.equal(runQueueName(pool, os), expected);
  });
}
