import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ArmClient, type Answer } from './support/arm.ts';
import { startPostgres } from './support/postgres.ts';
import { TestServer } from './support/server.ts';
import { stopAll } from './support/stop-all.ts';
import { until } from './support/wait.ts';

const registries = 'Microsoft.ContainerRegistry/registries';
const version = 'api-version=2021-04-01';

interface WireDeployment {
  readonly id: string;
  readonly name: string;
  readonly tags?: object;
  readonly properties: {
    readonly provisioningState: string;
    readonly correlationId: string;
    readonly duration: string;
    readonly parameters: Record<string, { type: string; value?: unknown }>;
    readonly outputs?: Record<string, { type: string; value?: unknown }>;
    readonly outputResources?: readonly { id: string }[];
    readonly validatedResources?: readonly { id: string }[];
    readonly dependencies: readonly { id: string; dependsOn: readonly { id: string }[] }[];
    readonly error?: WireError;
  };
}

interface WireError {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  readonly details?: readonly WireError[];
}

interface WireOperation {
  readonly operationId: string;
  readonly properties: {
    readonly provisioningState: string;
    readonly statusCode?: string;
    readonly statusMessage?: { error: WireError };
    readonly targetResource: { resourceName: string };
  };
}

function registry(name: string, more: object = {}): object {
  return {
    type: registries,
    apiVersion: '2019-05-01',
    name,
    location: '[resourceGroup().location]',
    sku: { name: 'Standard' },
    ...more,
  };
}

for (const state of ['PGlite', 'PostgreSQL'] as const)
  describe(`deployments of templates, on ${state}`, () => {
    let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
    let server: TestServer;
    let arm: ArmClient;
    let group: string;
    let deployments: string;
    const secret = 'open-sesame-4711';

    before(async () => {
      if (state === 'PostgreSQL') postgres = await startPostgres();
      server = await TestServer.start(postgres ? { databaseUrl: postgres.url } : {});
      arm = await ArmClient.connect(server);
      group = arm.registryPath.split('/providers/')[0] ?? '';
      deployments = `${group}/providers/Microsoft.Resources/deployments`;
    });
    after(() =>
      stopAll(
        () => server.stop(),
        () => postgres?.stop(),
      ),
    );

    const bodyOf = (template: object, parameters: Record<string, unknown> = {}, more: object = {}) => ({
      properties: {
        mode: 'Incremental',
        template: { resources: [], ...template },
        parameters: Object.fromEntries(
          Object.entries(parameters).map(([name, value]) => [name, { value }]),
        ) as object,
        ...more,
      },
    });
    const call = (
      method: 'GET' | 'POST' | 'PUT' | 'DELETE',
      where: string,
      body?: unknown,
    ): Promise<Answer> => arm.call(method, `${deployments}/${where}?${version}`, body);
    const get = async (name: string): Promise<WireDeployment> => {
      const { status, body } = await call('GET', name);
      assert.equal(status, 200, JSON.stringify(body));
      return body as WireDeployment;
    };
    const isEnded = ({ properties }: WireDeployment): boolean =>
      ['Succeeded', 'Failed', 'Canceled'].includes(properties.provisioningState);
    const ended = (name: string): Promise<WireDeployment> =>
      until(`deployment ${name} ends`, async () => {
        const deployment = await get(name).catch(() => undefined); // the server may be away
        return deployment && isEnded(deployment) ? deployment : undefined;
      });
    const deploy = async (name: string, body: object): Promise<WireDeployment> => {
      const { status, body: answer } = await call('PUT', name, body);
      assert.ok(status === 201 || status === 200, JSON.stringify(answer));
      return ended(name);
    };
    const succeed = async (name: string, body: object): Promise<WireDeployment> => {
      const deployment = await deploy(name, body);
      assert.equal(
        deployment.properties.provisioningState,
        'Succeeded',
        JSON.stringify(deployment.properties),
      );
      return deployment;
    };
    const operations = async (name: string): Promise<WireOperation[]> =>
      ((await call('GET', `${name}/operations`)).body as { value: WireOperation[] }).value;
    const errorOf = (answer: Answer): WireError => (answer.body as { error: WireError }).error;
    const hasRegistry = async (name: string): Promise<boolean> =>
      (await arm.call('GET', `${group}/providers/${registries}/${name}?api-version=2019-05-01`)).status ===
      200;

    test('validate answers what would be made, and makes nothing', async () => {
      const { status, body } = await call(
        'POST',
        'valid/validate',
        bodyOf(
          { parameters: { n: { type: 'string' } }, resources: [registry("[parameters('n')]")] },
          { n: 'valid1' },
        ),
      );
      assert.equal(status, 200, JSON.stringify(body));
      const { properties } = body as WireDeployment;
      assert.equal(properties.provisioningState, 'Succeeded');
      assert.deepEqual(properties.parameters, { n: { type: 'String', value: 'valid1' } });
      assert.deepEqual(properties.validatedResources, [{ id: `${group}/providers/${registries}/valid1` }]);
      assert.equal((await call('GET', 'valid')).status, 404);
      assert.equal(await hasRegistry('valid1'), false);
    });

    test('create: 201, the operation, outputs, dependencies; again: 200; HEAD, list, delete', async () => {
      const template = {
        parameters: { prefix: { type: 'string' } },
        variables: { second: "[concat(parameters('prefix'), 'b')]" },
        resources: [
          registry("[variables('second')]", {
            dependsOn: ["[concat(parameters('prefix'), 'a')]"],
            tags: { first: "[reference(concat(parameters('prefix'), 'a')).loginServer]" },
          }),
          registry("[concat(parameters('prefix'), 'a')]", { properties: { adminUserEnabled: true } }),
        ],
        outputs: {
          server: { type: 'string', value: "[reference(variables('second')).loginServer]" },
          tags: { type: 'object', value: "[reference(variables('second'), '2019-05-01', 'full').tags]" },
          user: {
            type: 'string',
            value: "[listCredentials(concat(parameters('prefix'), 'a'), '2019-05-01').username]",
          },
        },
      };
      const body = { ...bodyOf(template, { prefix: 'made' }), tags: { team: 'blue' } };
      const accepted = await call('PUT', 'Made', body);
      assert.equal(accepted.status, 201, JSON.stringify(accepted.body));
      const operation = new URL(String(accepted.headers['azure-asyncoperation']));
      assert.match(operation.pathname, /\/deployments\/Made\/operationStatuses\/[0-9a-f-]{36}$/);
      const status = await until('the operation ends', async () => {
        const answer = (await arm.call('GET', operation.pathname + operation.search)).body as {
          status: string;
        };
        return answer.status === 'Accepted' || answer.status === 'Running' ? undefined : answer.status;
      });
      assert.equal(status, 'Succeeded');
      const { name, tags, properties } = await get('made');
      assert.deepEqual([name, tags], ['Made', { team: 'blue' }]);
      assert.match(properties.duration, /^PT[\d.]+S$/);
      const [a, b] = ['madea', 'madeb'].map((each) => `${group}/providers/${registries}/${each}`);
      assert.deepEqual(properties.outputResources, [{ id: a }, { id: b }]);
      assert.deepEqual(
        properties.dependencies.map(({ id, dependsOn }) => [id, dependsOn.map((each) => each.id)]),
        [[b, [a]]],
      );
      const { server: loginServer, user, tags: made } = properties.outputs ?? {};
      assert.match(String(loginServer?.value), /^localhost:\d+$/);
      assert.deepEqual([user?.value, user?.type], ['madea', 'String']);
      assert.match((made?.value as { first: string }).first, /^localhost:\d+$/);

      assert.equal((await call('PUT', 'made', body)).status, 200);
      await ended('made');
      const listed = (await call('GET', '')).body as { value: WireDeployment[] };
      assert.ok(listed.value.some((each) => each.name.toLowerCase() === 'made'));
      const filter = encodeURIComponent("provisioningState eq 'Failed'");
      const failed = await arm.call('GET', `${deployments}?${version}&$filter=${filter}`);
      assert.ok(
        !(failed.body as typeof listed).value.some((each) => each.properties.provisioningState !== 'Failed'),
      );
      assert.equal((await call('DELETE', 'made')).status, 204);
      assert.equal((await call('DELETE', 'made')).status, 204);
      assert.equal(errorOf(await call('GET', 'made')).code, 'DeploymentNotFound');
      assert.ok(await hasRegistry('madea'));
    });

    test('symbolic names, a copy loop, a condition, a nested template with its outputs', async () => {
      const nested = {
        parameters: { name: { type: 'string' }, secret: { type: 'secureString' } },
        resources: [registry("[parameters('name')]")],
        outputs: {
          length: { type: 'int', value: "[length(parameters('secret'))]" },
          server: { type: 'string', value: "[reference(parameters('name')).loginServer]" },
        },
      };
      const template = {
        languageVersion: '2.0',
        parameters: { secret: { type: 'secureString' } },
        resources: {
          many: registry("[format('loop{0}', copyIndex())]", { copy: { name: 'many', count: 2 } }),
          none: registry('none1', { condition: "[equals(parameters('secret'), '')]" }),
          inner: {
            type: 'Microsoft.Resources/deployments',
            apiVersion: '2021-04-01',
            name: 'inner',
            dependsOn: ['many'],
            properties: {
              mode: 'Incremental',
              expressionEvaluationOptions: { scope: 'inner' },
              parameters: { name: { value: 'nested1' }, secret: { value: "[parameters('secret')]" } },
              template: nested,
            },
          },
        },
        outputs: {
          length: { type: 'int', value: "[reference('inner').outputs.length.value]" },
          server: { type: 'string', value: "[reference('inner').outputs.server.value]" },
          secret: { type: 'secureString', value: "[parameters('secret')]" },
        },
      };
      const { properties } = await succeed('outer', bodyOf(template, { secret }));
      assert.equal(properties.outputs?.length?.value, secret.length);
      assert.match(String(properties.outputs.server?.value), /^localhost:\d+$/);
      assert.deepEqual(properties.outputs.secret, { type: 'SecureString' });
      for (const name of ['loop0', 'loop1', 'nested1']) assert.ok(await hasRegistry(name), name);
      assert.equal(await hasRegistry('none1'), false);
      assert.equal((await get('inner')).properties.provisioningState, 'Succeeded');
    });

    test('what fails is told with its place, and masked; what depends on it is not tried', async () => {
      const template = {
        parameters: { secret: { type: 'secureString', defaultValue: secret } },
        resources: [
          registry('fails1', { sku: { name: "[parameters('secret')]" } }),
          registry('after1', { dependsOn: ['fails1'] }),
          registry('other1'),
        ],
      };
      const { properties } = await deploy('fails', bodyOf(template));
      const { provisioningState, error, outputResources } = properties;
      assert.deepEqual([provisioningState, error?.code], ['Failed', 'DeploymentFailed']);
      assert.equal(error?.details?.length, 1);
      assert.match(error.details[0]?.message ?? '', /sku\.name is "\*\*\*"/);
      assert.match(error.details[0]?.target ?? '', /sku|fails1/);
      assert.deepEqual(outputResources, [{ id: `${group}/providers/${registries}/other1` }]);
      const all = await operations('fails');
      assert.deepEqual(
        all.map((each) => [each.properties.targetResource.resourceName, each.properties.provisioningState]),
        [
          ['fails1', 'Failed'],
          ['other1', 'Succeeded'],
        ],
      );
      assert.equal(all[0]?.properties.statusCode, 'BadRequest');
      assert.match(all[0].properties.statusMessage?.error.message ?? '', /must be one of/);
      const one = await call('GET', `fails/operations/${all[0].operationId}`);
      assert.deepEqual(one.body, all[0]);
      const { template: exported } = (await call('POST', 'fails/exportTemplate')).body as {
        template: { parameters: object };
      };
      assert.deepEqual(exported.parameters, { secret: { type: 'secureString' } });
      const outputs = { o: { type: 'string', value: "[reference('other1', '2019-05-01').missing]" } };
      const wrong = await deploy('wrong', bodyOf({ resources: [registry('other1')], outputs }));
      assert.equal(wrong.properties.error?.code, 'DeploymentOutputEvaluationFailed');
      assert.match(
        wrong.properties.error.details?.[0]?.message ?? '',
        /outputs\.o\.value.*no member "missing"/,
      );
    });

    test('texts that a database does not take do no harm', async () => {
      const odd = 'a\u0000b\ud800';
      const template = {
        parameters: { odd: { type: 'string' } },
        outputs: { odd: { type: 'string', value: "[parameters('odd')]" } },
      };
      const { properties } = await succeed('odd', bodyOf(template, { odd }));
      assert.equal(properties.outputs?.odd?.value, 'a\ufffdb\ufffd');
    });

    test('a request that is wrong is refused before anything is made', async () => {
      const wrong: [string, object, string, RegExp][] = [
        ['no properties', {}, 'InvalidRequestContent', /properties/],
        [
          'a name that is a secret',
          bodyOf(
            { parameters: { s: { type: 'secureString' } }, resources: [registry("[parameters('s')]")] },
            { s: '/sesame-4711!' },
          ),
          'InvalidTemplate',
          /the name "\*\*\*" has a part/,
        ],
        ['no mode', { properties: { template: {} } }, 'InvalidRequestContent', /properties\.mode/],
        ['Complete', bodyOf({}, {}, { mode: 'Complete' }), 'NotSupported', /Incremental/],
        ['a link', bodyOf({}, {}, { templateLink: { uri: 'https://x' } }), 'NotSupported', /--template-file/],
        [
          'an unknown function',
          bodyOf({ resources: [registry('[nope()]')] }),
          'InvalidTemplate',
          /resources\[0\]\.name.*nope/,
        ],
        [
          'a missing parameter',
          bodyOf({ parameters: { p: { type: 'int' } } }),
          'InvalidTemplate',
          /parameters\.p.*not provided/,
        ],
        [
          'a key vault',
          bodyOf({ parameters: { p: { type: 'int' } } }, {}, { parameters: { p: { reference: {} } } }),
          'NotSupported',
          /key vault/,
        ],
        [
          'another provider',
          bodyOf({ resources: [{ type: 'Microsoft.Web/sites', apiVersion: '2020-01-01', name: 'site' }] }),
          'InvalidTemplateDeployment',
          /not valid according to the validation procedure/,
        ],
      ];
      for (const [name, body, code, message] of wrong) {
        for (const [method, where] of [
          ['PUT', 'refused'],
          ['POST', 'refused/validate'],
        ] as const) {
          const answer = await call(method, where, body);
          assert.equal(answer.status, 400, name);
          assert.equal(errorOf(answer).code, code, name);
          assert.match(errorOf(answer).message, message, name);
        }
      }
      const [detail] = errorOf(await call('PUT', 'refused', wrong.at(-1)?.[1])).details ?? [];
      assert.equal(detail?.code, 'NoRegisteredProviderFound');
      const whatIf = await call('POST', 'refused/whatIf', bodyOf({}));
      assert.equal(errorOf(whatIf).code, 'NotSupported');
      assert.equal((await call('GET', 'refused')).status, 404);
      assert.equal((await call('PUT', 'not%20a%20name', bodyOf({}))).status, 400);
      assert.equal(
        (await arm.withToken(undefined).call('PUT', `${deployments}/x?${version}`, bodyOf({}))).status,
        401,
      );
    });

    test('one that is under way cannot be replaced or deleted, but canceled', async () => {
      const resources = [registry("[concat('slow', copyIndex())]", { copy: { name: 'l', count: 5 } })];
      assert.equal((await call('PUT', 'slow', bodyOf({ resources }))).status, 201);
      assert.equal(errorOf(await call('PUT', 'slow', bodyOf({}))).code, 'DeploymentActive');
      assert.equal((await call('DELETE', 'slow')).status, 409);
      assert.equal((await call('POST', 'slow/cancel')).status, 204);
      assert.equal((await get('slow')).properties.provisioningState, 'Canceled');
      assert.equal(errorOf(await call('POST', 'slow/cancel')).code, 'DeploymentCannotBeCancelled');
      assert.equal((await call('DELETE', 'slow')).status, 204);
    });

    test('the server killed in the middle: the deployment goes on and ends', async () => {
      const names = Array.from({ length: 5 }, (_, index) => `kill${index}`);
      const template = {
        parameters: { secret: { type: 'secureString' }, id: { type: 'string', defaultValue: '[newGuid()]' } },
        resources: [registry("[concat('kill', copyIndex())]", { copy: { name: 'l', count: names.length } })],
        outputs: {
          length: { type: 'int', value: "[length(parameters('secret'))]" },
          id: { type: 'string', value: "[parameters('id')]" },
        },
      };
      const accepted = await call('PUT', 'killed', bodyOf(template, { secret }));
      assert.equal(accepted.status, 201);
      const { id } = (accepted.body as WireDeployment).properties.parameters;
      await until('some of it is made', async () =>
        (await operations('killed')).some((each) => each.properties.provisioningState === 'Succeeded'),
      );
      await server.end('SIGKILL');
      await server.start();
      const { properties } = await ended('killed');
      assert.equal(properties.provisioningState, 'Succeeded', JSON.stringify(properties.error));
      assert.deepEqual(
        [properties.outputs?.length?.value, properties.outputs?.id?.value],
        [secret.length, id?.value],
      );
      for (const name of names) assert.ok(await hasRegistry(name), name);
      assert.equal((await operations('killed')).length, names.length);
    });

    test('a secure value is in no answer, in no file of the database and not in the log', async () => {
      const answers = await Promise.all(
        ['', 'outer', 'inner', 'fails', 'killed', 'outer/operations', 'fails/operations'].map((each) =>
          call('GET', each),
        ),
      );
      for (const each of ['outer', 'inner', 'fails'])
        answers.push(await call('POST', `${each}/exportTemplate`));
      for (const { status, body } of answers) {
        assert.equal(status, 200);
        assert.ok(!JSON.stringify(body).includes(secret));
      }
      await server.end('SIGTERM');
      const database = postgres?.directory ?? path.join(server.data, 'db');
      const files = (await readdir(database, { recursive: true, withFileTypes: true })).filter((each) =>
        each.isFile(),
      );
      assert.ok(files.length > 100, 'the files of the database are there');
      for (const file of [...files.map((each) => path.join(each.parentPath, each.name)), server.logFile]) {
        assert.ok(!(await readFile(file)).includes(secret), file);
      }
      await server.start();
    });
  });
