import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import { readPushWebhook } from './push-webhook.ts';

// As the registries' own documents show them, less what is not looked at.
const pushes: readonly (readonly [registry: string, payload: unknown, expected: readonly string[]])[] = [
  [
    'distribution',
    {
      events: [
        { action: 'push', target: { repository: 'base/node', tag: '22', digest: 'sha256:1' } },
        { action: 'push', target: { repository: 'base/node', digest: 'sha256:2' } },
        { action: 'pull', target: { repository: 'base/other', tag: '1' } },
      ],
    },
    ['base/node:22'],
  ],
  [
    'Azure Container Registry',
    { action: 'push', target: { repository: 'hello-world', tag: 'v1' }, request: { host: 'x.azurecr.io' } },
    ['hello-world:v1'],
  ],
  ['Azure Container Registry, a pull', { action: 'delete', target: { repository: 'hello-world' } }, []],
  [
    'Docker Hub',
    { push_data: { tag: 'latest' }, repository: { repo_name: 'svendowideit/testhook' } },
    ['svendowideit/testhook:latest'],
  ],
  [
    'Harbor',
    {
      type: 'PUSH_ARTIFACT',
      event_data: {
        resources: [{ tag: 'v1', resource_url: 'harbor.example.org/lib/app:v1' }],
        repository: { repo_full_name: 'lib/app' },
      },
    },
    ['lib/app:v1'],
  ],
  [
    'Harbor, CloudEvents',
    {
      type: 'harbor.artifact.pushed',
      data: { resources: [{ tag: 'v2' }], repository: { repo_full_name: 'lib/app' } },
    },
    ['lib/app:v2'],
  ],
  ['Harbor, a pull', { type: 'PULL_ARTIFACT', event_data: { resources: [{ tag: 'v1' }] } }, []],
  [
    'Quay',
    { repository: 'team/app', docker_url: 'quay.io/team/app', updated_tags: ['latest', 'v1'] },
    ['team/app:latest', 'team/app:v1'],
  ],
  [
    'Artifactory',
    {
      domain: 'docker',
      event_type: 'pushed',
      data: { repo_key: 'docker-local', image_name: 'app', tag: '1' },
    },
    ['app:1', 'docker-local/app:1'],
  ],
  [
    'GitHub',
    {
      action: 'published',
      registry_package: {
        namespace: 'Acme',
        name: 'app',
        package_version: { container_metadata: { tag: { name: 'v1' } } },
      },
    },
    ['acme/app:v1'],
  ],
  [
    'Gitea',
    {
      action: 'created',
      package: { type: 'container', name: 'app', version: 'v1', owner: { login: 'Acme' } },
    },
    ['acme/app:v1'],
  ],
  [
    'Amazon ECR',
    {
      source: 'aws.ecr',
      detail: { 'action-type': 'PUSH', 'repository-name': 'base/node', 'image-tag': '22' },
    },
    ['base/node:22'],
  ],
  [
    'a script',
    { image: 'registry.example.org:5000/base/node:22@sha256:' + 'a'.repeat(64) },
    ['base/node:22'],
  ],
  ['a script, of Docker Hub', { image: 'node' }, ['library/node:latest']],
  ...[null, 7, 'x', [], {}, { events: { push: 1 } }, { repository: [], push_data: null }].map(
    (payload) => [`nothing in ${JSON.stringify(payload)}`, payload, []] as const,
  ),
  [
    'members that are no texts, or too long',
    { repository: { repo_name: {} }, push_data: { tag: 'a' }, updated_tags: ['x'.repeat(300), 7] },
    [],
  ],
];

for (const [registry, payload, expected] of pushes) {
  test(`pushes that are told by ${registry}`, () => {
    assert.deepEqual(
      readPushWebhook(payload).map(({ repository, tag }) => `${repository}:${tag}`),
      expected,
    );
  });
}

test('an image that is none is refused', () => {
  assert.throws(
    () => readPushWebhook({ image: 'A B' }),
    (error) => error instanceof ServiceError && error.code === 'InvalidImageReference',
  );
});
