import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { collector, docker, importBusybox, openTestEngine } from './testing.ts';
import { startRegistry, temporaryDirectory } from './testing-servers.ts';

const signal = new AbortController().signal;

test('an image is pulled from its registry, and what cannot be pulled has the registry’s reason', async (t) => {
  const engine = await openTestEngine();
  const registry = await startRegistry(t);
  const busybox = await importBusybox();
  t.after(() => busybox.remove());
  const imageId = (await engine.findImage(busybox.image)) ?? assert.fail('it was just imported');
  const image = `${registry}/app:${randomUUID()}`;
  const { onOutput, text } = collector();
  const dockerConfigDirectory = await temporaryDirectory(t);
  await engine.push({ image, imageId, dockerConfigDirectory, onOutput: () => {}, signal });
  await engine.removeImage(image, imageId);
  assert.equal(await engine.findImage(image), undefined);

  assert.equal(await engine.pull({ image, onOutput, signal }), imageId);
  t.after(() => docker.getImage(image).remove());
  assert.match(text(), /: Pulling from app\n(.*\n)*Digest: sha256:[0-9a-f]{64}\nStatus: .* for 127/);
  assert.equal(await engine.findImage(image), imageId);
  const missing = { image: `${registry}/app:no`, onOutput, signal };
  await assert.rejects(engine.pull(missing), { code: 'PullFailed', message: /app:no: .*manifest unknown/ });
  const nobody = { ...missing, image: '127.0.0.1:9/app:v1' };
  await assert.rejects(engine.pull(nobody), { code: 'PullFailed', message: /connection refused/ });
  const aborted = AbortSignal.abort(new Error('canceled'));
  await assert.rejects(engine.pull({ ...missing, signal: aborted }), /canceled/);
});
