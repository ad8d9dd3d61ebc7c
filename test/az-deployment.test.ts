import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ArmClient } from './support/arm.ts';
import { loginAz, type Az } from './support/az.ts';
import { serveGit, type GitServer } from './support/git-server.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';

// As people write them: with comments, and expressions over several lines.
const registryTemplate = `{
  // A registry of its own for each environment.
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "registryName": { "type": "string", "minLength": 5 },
    "location": { "type": "string", "defaultValue": "[resourceGroup().location]" }, /* of the group */
    "adminUserEnabled": { "type": "bool", "defaultValue": true },
    "note": { "type": "secureString", "defaultValue": "" }
  },
  "resources": [
    {
      "type": "Microsoft.ContainerRegistry/registries",
      "apiVersion": "2019-05-01",
      "name": "[parameters('registryName')]",
      "location": "[parameters('location')]",
      "sku": { "name": "Standard" },
      "properties": { "adminUserEnabled": "[parameters('adminUserEnabled')]" }
    }
  ],
  "outputs": {
    "loginServer": {
      "type": "string",
      "value": "[reference(
        resourceId('Microsoft.ContainerRegistry/registries', parameters('registryName'))).loginServer]"
    },
    "user": { "type": "string", "value": "[listCredentials(parameters('registryName'), '2019-05-01').username]" }
  }
}
`;

const taskRunTemplate = {
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  parameters: {
    registryName: { type: 'string' },
    taskRunName: { type: 'string' },
    sourceLocation: { type: 'string' },
    image: { type: 'string' },
  },
  resources: [
    {
      type: 'Microsoft.ContainerRegistry/registries/taskRuns',
      apiVersion: '2019-06-01-preview',
      name: "[concat(parameters('registryName'), '/', parameters('taskRunName'))]",
      location: '[resourceGroup().location]',
      properties: {
        runRequest: {
          type: 'DockerBuildRequest',
          imageNames: ["[parameters('image')]"],
          dockerFilePath: 'Dockerfile',
          sourceLocation: "[parameters('sourceLocation')]",
          isPushEnabled: true,
          platform: { os: 'Linux', architecture: 'amd64' },
        },
      },
    },
  ],
  outputs: {
    status: {
      type: 'string',
      value:
        "[reference(concat(parameters('registryName'), '/', parameters('taskRunName'))).runResult.properties.status]",
    },
    digest: {
      type: 'string',
      value:
        "[reference(resourceId('Microsoft.ContainerRegistry/registries/taskRuns', parameters('registryName'), parameters('taskRunName'))).runResult.properties.outputImages[0].digest]",
    },
  },
};

/** az and what users of templates do with it. */
describe('az deployment', () => {
  let server: TestServer;
  let git: GitServer;
  let directory: string;
  let client: Az;

  before(async () => {
    server = await TestServer.start({ agents: 1 });
    git = await serveGit();
    directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-templates-'));
    await writeFile(path.join(directory, 'registry.json'), registryTemplate);
    await writeFile(path.join(directory, 'taskrun.json'), JSON.stringify(taskRunTemplate));
    client = await loginAz(server, directory);
  });
  after(() =>
    stopAll(
      () => client.logout(),
      () => git.stop(),
      () => server.stop(),
      () => rm(directory, { recursive: true, force: true }),
    ),
  );

  const group = (...args: string[]): string[] => ['deployment', 'group', ...args, '-g', 'slipway'];

  test('validate, create, show, list, operations, export, delete', async () => {
    const given = ['--template-file', 'registry.json', '-n', 'first', '-p', 'registryName=templated'];
    const validated = (await client.azJson(...group('validate'), ...given)) as {
      properties: { provisioningState: string; validatedResources: { id: string }[] };
    };
    assert.equal(validated.properties.provisioningState, 'Succeeded');
    assert.match(validated.properties.validatedResources[0]?.id ?? '', /\/registries\/templated$/);

    const secret = 'open-sesame-4711';
    const created = (await client.azJson(...group('create'), ...given, `note=${secret}`)) as {
      properties: {
        provisioningState: string;
        outputs: Record<string, { type: string; value: string }>;
        outputResources: { id: string }[];
        parameters: Record<string, { type: string; value?: unknown }>;
      };
    };
    assert.equal(created.properties.provisioningState, 'Succeeded');
    assert.match(created.properties.outputs.loginServer?.value ?? '', /^localhost:\d+$/);
    assert.equal(created.properties.outputs.user?.value, 'templated');
    assert.deepEqual(created.properties.parameters.note, { type: 'SecureString' });
    const registry = (await client.azJson('acr', 'show', '-n', 'templated')) as {
      sku: { name: string };
      adminUserEnabled: boolean;
    };
    assert.deepEqual([registry.sku.name, registry.adminUserEnabled], ['Standard', true]);

    const shown = await client.az(...group('show'), '-n', 'first', '-o', 'json');
    assert.equal(shown.code, 0, shown.stderr);
    assert.ok(!shown.stdout.includes(secret));
    const listed = (await client.azJson(...group('list'))) as { name: string }[];
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['first'],
    );
    const operations = (await client.azJson(
      ...['deployment', 'operation', 'group', 'list', '-g', 'slipway', '-n', 'first'],
    )) as { properties: { provisioningState: string; targetResource: { resourceName: string } } }[];
    assert.deepEqual(
      operations.map(({ properties }) => [
        properties.targetResource.resourceName,
        properties.provisioningState,
      ]),
      [['templated', 'Succeeded']],
    );
    const exported = (await client.azJson(...group('export'), '-n', 'first')) as { outputs: object };
    assert.deepEqual(Object.keys(exported.outputs), ['loginServer', 'user']);
    assert.equal((await client.az(...group('delete'), '-n', 'first')).code, 0);
    assert.equal((await client.az(...group('show'), '-n', 'first')).code, 3);
    assert.equal((await client.az('acr', 'show', '-n', 'templated')).code, 0);
  });

  test('what is wrong is told: the template before, a resource after it was tried', async () => {
    const missing = await client.az(
      ...group('create'),
      ...['--template-file', 'registry.json', '-n', 'short', '-p', 'registryName=ab'],
    );
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /InvalidTemplate.*registryName.*at least 5/s);
    const refused = await client.az(
      ...group('create'),
      ...['--template-file', 'registry.json', '-n', 'refused', '-p', 'registryName=not-a-name'],
    );
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /DeploymentFailed.*5 to 50 letters and digits/s);
    const shown = (await client.azJson(...group('show'), '-n', 'refused')) as {
      properties: { provisioningState: string };
    };
    assert.equal(shown.properties.provisioningState, 'Failed');
    const whatIf = await client.az(
      ...group('what-if'),
      ...['--template-file', 'registry.json', '-p', 'registryName=templated'],
    );
    assert.equal(whatIf.code, 1);
    assert.match(whatIf.stderr, /NotSupported.*validate/s);
  });

  test('a task run from a git repository: made, run to its end, with its image as output', async (t) => {
    const arm = await ArmClient.connect(server);
    if ((await arm.call('GET', `${arm.registryPath}/taskRuns`)).status === 404) {
      return t.skip('this server has no routes of task runs');
    }
    await git.commit('main', { Dockerfile: 'FROM scratch\nCOPY page.html /\n', 'page.html': 'hello' });
    const created = (await client.azJson(
      ...group('create'),
      ...['--template-file', 'taskrun.json', '-n', 'build', '-p', 'registryName=slipway'],
      ...['taskRunName=fromTemplate', `sourceLocation=${git.url}#main`, 'image=templated:v1'],
    )) as { properties: { outputs: Record<string, { value: string }> } };
    const { status, digest } = created.properties.outputs;
    assert.equal(status?.value, 'Succeeded');
    assert.match(digest?.value ?? '', /^sha256:[0-9a-f]{64}$/);
    const failed = await client.az(
      ...group('create'),
      ...['--template-file', 'taskrun.json', '-n', 'broken', '-p', 'registryName=slipway'],
      ...['taskRunName=nowhere', `sourceLocation=${git.url}#nowhere`, 'image=templated:v2'],
    );
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /DeploymentFailed/);
  });
});
