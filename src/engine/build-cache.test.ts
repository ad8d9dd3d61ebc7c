import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planCache, type CacheAbilities } from './build-cache.ts';

const old: CacheAbilities = { hasBuildx: false, hasCacheExport: false };
const buildx: CacheAbilities = { hasBuildx: true, hasCacheExport: false };
const containerd: CacheAbilities = { hasBuildx: true, hasCacheExport: true };
const inline = ['--build-arg', 'BUILDKIT_INLINE_CACHE=1'];
const to = (ref: string): string[] => ['--cache-to', `type=registry,ref=${ref},mode=max,ignore-error=true`];

const cases: [string, CacheAbilities, [string[], string[], string?], string[], string[]][] = [
  ['none', old, [[], []], [], []],
  ['a registry cache, in the image', old, [[], [], 'r/a:c'], ['--cache-from', 'r/a:c', ...inline], ['r/a:c']],
  [
    'a registry cache, with buildx alone',
    buildx,
    [[], [], 'r/a:c'],
    ['--cache-from', 'r/a:c', ...inline],
    ['r/a:c'],
  ],
  [
    'a registry cache of all stages',
    containerd,
    [[], [], 'r/a:c'],
    ['--cache-from', 'r/a:c', ...to('r/a:c')],
    [],
  ],
  [
    'attributes an old client does not know',
    old,
    [['type=registry,ref=r/a'], []],
    ['--cache-from', 'r/a'],
    [],
  ],
  [
    'attributes that buildx knows',
    buildx,
    [['type=registry,ref=r/a'], []],
    ['--cache-from', 'type=registry,ref=r/a'],
    [],
  ],
  ['an inline cache', old, [[], ['type=inline']], inline, []],
  ['a cache without tag', old, [[], ['type=registry,ref=r:5/a']], inline, ['r:5/a:latest']],
];
for (const [name, abilities, [from, cacheTo, registry], flags, pushes] of cases) {
  test(name, () => {
    assert.deepEqual(planCache(abilities, from, cacheTo, registry), { flags, pushes, notes: [] });
  });
}

for (const begin of [
  'type=local',
  'type=registry,ref=r/a,type=local',
  'type=registry,ref=r/a,"type=local"',
]) {
  test(`directories of this machine are neither read nor written: ${begin}`, () => {
    const plan = planCache(containerd, [`${begin},src=/etc`], [`${begin},dest=/etc`], undefined);
    assert.deepEqual([plan.flags, plan.pushes, plan.notes.length], [[], [], 2]);
  });
}
