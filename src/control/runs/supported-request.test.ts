import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../model/index.ts';
import { check, runRequest } from '../../spec/index.ts';
import { requireSupported } from './supported-request.ts';

const build = {
  type: 'DockerBuildRequest',
  dockerFilePath: 'Dockerfile',
  platform: { os: 'linux' },
  sourceLocation: 'source/x.tar.gz',
};
const custom = (value: object) => ({ ...build, credentials: { customRegistries: { 'r.io': value } } });
const at = 'credentials.customRegistries["r.io"]';

for (const [name, body, ...targets] of [
  ['a build', build],
  ['a build by the caller', { ...build, credentials: { sourceRegistry: { identity: '[caller]' } } }],
  ['a build with a password', custom({ userName: { value: 'me' }, password: { value: 'x' } })],
  ['a log template', { ...build, logTemplate: 'logs' }],
  ['a file task', { ...build, type: 'FileTaskRunRequest', taskFilePath: 'acb.yaml' }],
  ['an encoded task', { ...build, type: 'EncodedTaskRunRequest', encodedTaskContent: 'YQ==' }],
  [
    'an identity of its registry',
    { ...build, credentials: { sourceRegistry: { identity: '[system]' } } },
    'credentials.sourceRegistry.identity',
  ],
  ['an identity of another registry', custom({ identity: '[system]' }), `${at}.identity`],
  [
    'secrets of a vault',
    custom({ userName: { type: 'Vaultsecret', value: 'u' }, password: { type: 'Vaultsecret', value: 'p' } }),
    `${at}.userName.type`,
    `${at}.password.type`,
  ],
] as const) {
  test(`${name} is ${targets.length === 0 ? 'performed' : 'refused'}`, () => {
    const request = check(runRequest, body);
    assert.ok(request.type !== 'TaskRunRequest');
    if (targets.length === 0) {
      assert.equal(requireSupported(request), request);
      return;
    }
    assert.throws(
      () => requireSupported(request),
      (error: unknown) => {
        assert.ok(error instanceof ServiceError);
        assert.deepEqual([error.statusCode, error.code], [400, 'NotSupported']);
        assert.deepEqual(
          error.details.map(({ target }) => target),
          targets,
        );
        return true;
      },
    );
  });
}
