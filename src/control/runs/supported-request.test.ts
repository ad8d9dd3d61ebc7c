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
for (const [name, body, ...targets] of [
  ['a build', build],
  ['a file task', { ...build, type: 'FileTaskRunRequest', taskFilePath: 'acb.yaml' }, 'type'],
  ['an encoded task', { ...build, type: 'EncodedTaskRunRequest', encodedTaskContent: 'YQ==' }, 'type'],
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
        assert.equal(error.target, targets[0]);
        return true;
      },
    );
  });
}
