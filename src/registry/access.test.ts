import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grantAccess, parseScopes, type AccessGrant, type RequestedAccess } from './index.ts';

const parsed: [scopes: string[], expected: RequestedAccess[]][] = [
  [[], []],
  [[''], []],
  [['repository:app:pull'], [{ type: 'repository', name: 'app', actions: ['pull'] }]],
  [['repository:team/app:pull,push'], [{ type: 'repository', name: 'team/app', actions: ['pull', 'push'] }]],
  [['repository:host:5000/app:pull'], [{ type: 'repository', name: 'host:5000/app', actions: ['pull'] }]],
  [['registry:catalog:*'], [{ type: 'registry', name: 'catalog', actions: ['*'] }]],
  [
    ['repository:a:pull repository:b:push', 'repository:c:delete'],
    [
      { type: 'repository', name: 'a', actions: ['pull'] },
      { type: 'repository', name: 'b', actions: ['push'] },
      { type: 'repository', name: 'c', actions: ['delete'] },
    ],
  ],
  [['repository:a:,pull,'], [{ type: 'repository', name: 'a', actions: ['pull'] }]],
  [['repository:a:'], [{ type: 'repository', name: 'a', actions: [] }]],
  [['repository:a'], [{ type: 'repository', name: '', actions: [] }]],
  [['openid'], [{ type: 'openid', name: '', actions: [] }]],
];
for (const [scopes, expected] of parsed) {
  test(`the scopes ${JSON.stringify(scopes)} are understood`, () => {
    assert.deepEqual(parseScopes(scopes), expected);
  });
}

const admin: AccessGrant[] = [{ repository: '*', actions: ['*'] }];
const puller: AccessGrant[] = [{ repository: '*', actions: ['pull'] }];
// What a run gets: push to its own repositories, pull from all.
const run: AccessGrant[] = [
  { repository: 'team/app', actions: ['pull', 'push'] },
  { repository: '*', actions: ['pull'] },
];
const one: AccessGrant[] = [{ repository: 'app', actions: ['pull'] }];

const granted: [who: string, grants: AccessGrant[], scope: string, expected: string][] = [
  ['an administrator', admin, 'repository:app:pull,push', 'repository:app:pull,push'],
  ['an administrator', admin, 'repository:app:delete', 'repository:app:delete'],
  ['an administrator', admin, 'repository:app:*', 'repository:app:*'],
  ['an administrator', admin, 'registry:catalog:*', 'registry:catalog:*'],
  ['an administrator', admin, 'plugin:x:pull', ''],
  ['a puller', puller, 'repository:app:pull', 'repository:app:pull'],
  ['a puller', puller, 'repository:app:pull,push', 'repository:app:pull'],
  ['a puller', puller, 'repository:app:push', ''],
  ['a puller', puller, 'repository:app:metadata_read,metadata_write', 'repository:app:metadata_read'],
  ['a reader of one', one, 'repository:other:metadata_read', ''],
  ['a puller', puller, 'repository:app:delete', ''],
  ['a puller', puller, 'repository:app:*', ''],
  ['a puller', puller, 'registry:catalog:*', ''],
  ['a run', run, 'repository:team/app:pull,push', 'repository:team/app:pull,push'],
  ['a run', run, 'repository:team/app:push,delete', 'repository:team/app:push'],
  ['a run', run, 'repository:other:pull,push', 'repository:other:pull'],
  ['a run', run, 'repository:team/app2:push', ''],
  ['a run', run, 'repository:team/app/sub:push', ''],
  ['a run', run, 'repository:team:push', ''],
  ['a run', run, 'registry:catalog:*', ''],
  ['a reader of one', one, 'repository:app:pull', 'repository:app:pull'],
  ['a reader of one', one, 'repository:other:pull', ''],
  ['a reader of one', one, 'repository:*:pull', ''],
  ['a reader of one', one, 'repository:app:pull repository:other:pull', 'repository:app:pull'],
  ['nobody', [], 'repository:app:pull', ''],
  ['nobody', [], 'registry:catalog:*', ''],
  ['an administrator who asks for nothing', admin, '', ''],
];
for (const [who, grants, scope, expected] of granted) {
  test(`${who} who asks for ${JSON.stringify(scope)} gets ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(grantAccess(parseScopes([scope]), grants), parseScopes([expected]));
  });
}
