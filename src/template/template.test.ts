import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '../model/index.ts';
import { LookupNeeded, lookupKey } from './error.ts';
import { toPlainJson } from './extended-json.ts';
import { groupId, planOf, registries, registry, valueOf } from './testing.ts';

function refusal(work: () => unknown): ServiceError {
  try {
    work();
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  return assert.fail('it was accepted');
}

describe('JSON as az sends it', () => {
  const cases: [string, unknown][] = [
    ['{"a": 1}', { a: 1 }],
    ['{template:{"a": true}}', { template: { a: true } }],
    ['{"a": 1, // one\n "b": /* two */ 2,}', { a: 1, b: 2 }],
    ['[1, 2, ]', [1, 2]],
    ['{"a": "// no comment /* nor this */ , ]"}', { a: '// no comment /* nor this */ , ]' }],
    ['{"a": "two\nlines\tand \\"quotes\\" \\\\"}', { a: 'two\nlines\tand "quotes" \\' }],
    [`{'a': 'it\\'s "this"'}`, { a: `it's "this"` }],
    ['[null, false, -1.5e3]', [null, false, -1500]],
  ];
  for (const [text, expected] of cases) {
    test(JSON.stringify(text), () => assert.deepEqual(JSON.parse(toPlainJson(text)), expected));
  }
  test('a large one takes no longer than its length', () => {
    const text = `[${'{ /**/ },'.repeat(400_000)}]`;
    assert.equal((JSON.parse(toPlainJson(text)) as unknown[]).length, 400_000);
  });
  for (const text of ['{"a": ', '{"a" 1}', '"open', '/* open', "{'a': 1 2}"]) {
    test(`${text} stays wrong`, () => assert.throws(() => JSON.parse(toPlainJson(text)), SyntaxError));
  }
});

describe('parameters', () => {
  const valid: [string, object, unknown, unknown][] = [
    ['given', { type: 'string' }, 'a', 'a'],
    ['default', { type: 'int', defaultValue: 5 }, undefined, 5],
    [
      'a default that is an expression',
      { type: 'string', defaultValue: '[resourceGroup().name]' },
      undefined,
      'group1',
    ],
    ['given before the default', { type: 'bool', defaultValue: true }, false, false],
    ['null is as good as absent', { type: 'bool', defaultValue: true }, null, true],
    ['nullable', { type: 'string', nullable: true }, undefined, null],
    ['type in any case', { type: 'ARRAY' }, [1], [1]],
    ['object', { type: 'object' }, { a: '[not evaluated]' }, { a: '[not evaluated]' }],
    ['allowed', { type: 'string', allowedValues: ['a', 'b'] }, 'b', 'b'],
    ['a list of allowed ones', { type: 'array', allowedValues: ['a', 'b', 'c'] }, ['a', 'c'], ['a', 'c']],
    ['secure', { type: 'secureString', minLength: 3 }, 'abc', 'abc'],
    ['of a time', { type: 'string', defaultValue: '[utcNow()]' }, undefined, '20260304T050607Z'],
    [
      'of a time by a format',
      { type: 'string', defaultValue: "[utcNow('yyyy-MM-dd HH:mm:ss.fff')]" },
      undefined,
      '2026-03-04 05:06:07.089',
    ],
    ['of a short date', { type: 'string', defaultValue: "[utcNow('d')]" }, undefined, '3/4/2026'],
    [
      'a new UUID',
      { type: 'string', defaultValue: '[newGuid()]' },
      undefined,
      '22222222-2222-2222-2222-222222222222',
    ],
    ['of a definition', { $ref: '#/definitions/short' }, 'abc', 'abc'],
  ];
  const definitions = { short: { type: 'string', maxLength: 3 } };
  const given = (value: unknown): Record<string, unknown> => (value === undefined ? {} : { P: value });
  for (const [name, definition, value, expected] of valid) {
    test(name, () => {
      const template = { definitions, parameters: { p: definition } };
      const outputs = { it: { type: 'array', value: ["[parameters('p')]"] } };
      const plan = planOf({ ...template, outputs }, given(value));
      assert.deepEqual(plan.outputs(new Map()), { it: { type: 'Array', value: [expected] } });
    });
  }
  const invalid: [string, object, unknown, RegExp][] = [
    ['missing', { type: 'string' }, undefined, /value for the template parameter 'p' is not provided/],
    ['of another type', { type: 'int' }, '5', /is "5"; it must be of type int/],
    ['no int', { type: 'int' }, 1.5, /must be of type int/],
    ['not allowed', { type: 'string', allowedValues: ['a', 'b'] }, 'c', /must be one of "a", "b"/],
    ['one of a list not allowed', { type: 'array', allowedValues: ['a'] }, ['a', 'c'], /must be one of "a"/],
    ['too small', { type: 'int', minValue: 3 }, 2, /must be at least 3/],
    ['too large', { type: 'int', maxValue: 3 }, 4, /must be at most 3/],
    ['too short', { type: 'string', minLength: 3 }, 'ab', /must be at least 3 long/],
    ['too long', { type: 'array', maxLength: 1 }, [1, 2], /must be at most 1 long/],
    ['too long by a definition', { $ref: '#/definitions/short' }, 'abcd', /must be at most 3 long/],
    ['of no type', { type: 'text' }, 'a', /must be one of string, securestring/],
    ['a wrong default', { type: 'int', defaultValue: 'x' }, undefined, /must be of type int/],
    [
      'a default of itself',
      { type: 'string', defaultValue: "[parameters('p')]" },
      undefined,
      /depends on itself/,
    ],
    [
      'a default of a resource',
      { type: 'string', defaultValue: "[reference('a').b]" },
      undefined,
      /no function 'reference'/,
    ],
  ];
  for (const [name, definition, value, expected] of invalid) {
    test(`${name} is refused`, () => {
      const error = refusal(() => planOf({ definitions, parameters: { p: definition } }, given(value)));
      assert.equal(error.code, 'InvalidTemplate');
      assert.match(error.target ?? '', /^parameters\.p/);
      assert.match(error.message, expected);
    });
  }
  test('a secure value is not told', () => {
    const parameters = { p: { type: 'secureString', minLength: 30 } };
    const error = refusal(() => planOf({ parameters }, { p: 'sesame' }));
    assert.doesNotMatch(error.message, /sesame/);
  });
  test('every offence is told', () => {
    const parameters = { a: { type: 'int' }, b: { type: 'string' }, c: { type: 'bool', defaultValue: true } };
    const { details } = refusal(() => planOf({ parameters }, { a: 'x' }));
    assert.deepEqual(
      details.map(({ target }) => target),
      ['parameters.a', 'parameters.b'],
    );
  });
  test('one that the template does not have is refused', () => {
    const error = refusal(() => planOf({ parameters: { a: { type: 'int' } } }, { b: 1 }));
    assert.match(error.message, /no parameter 'b'; it has: a/);
  });
  test('secure ones are answered without their values', () => {
    const parameters = { a: { type: 'securestring' }, b: { type: 'secureObject' }, c: { type: 'int' } };
    const plan = planOf({ parameters }, { a: 'one', b: { x: ['two'] }, c: 3 });
    const expected = {
      a: { type: 'SecureString' },
      b: { type: 'SecureObject' },
      c: { type: 'Int', value: 3 },
    };
    assert.deepEqual(plan.parameters, expected);
    assert.deepEqual(plan.secrets, ['one', 'two']);
  });
});

describe('variables and functions of the template', () => {
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [
      `v${index}`,
      index === 0 ? 'aa' : `[concat(variables('v${index - 1}'), variables('v${index - 1}'))]`,
    ]),
  );
  const deep = Object.fromEntries(
    Array.from({ length: 250 }, (_, index) => [
      `v${index}`,
      index === 0 ? 1 : `[createArray(variables('v${index - 1}'))]`,
    ]),
  );
  const cases: [string, object, string, unknown][] = [
    ['one of another', { variables: { a: "[variables('B').c]", b: { c: 7 } } }, "[variables('a')]", 7],
    [
      'a copy',
      { variables: { copy: [{ name: 'list', count: 3, input: "[concat('n', copyIndex('list', 1))]" }] } },
      "[variables('list')]",
      ['n1', 'n2', 'n3'],
    ],
    [
      'a copy within',
      { variables: { outer: { copy: [{ name: 'list', count: 2, input: "[copyIndex('list')]" }], x: 1 } } },
      "[variables('outer')]",
      { list: [0, 1], x: 1 },
    ],
    [
      'a function',
      {
        functions: [
          {
            namespace: 'my',
            members: {
              greet: {
                parameters: [{ name: 'who', type: 'string' }],
                output: { type: 'string', value: "[concat('hello ', parameters('WHO'))]" },
              },
            },
          },
        ],
      },
      "[my.greet('you')]",
      'hello you',
    ],
  ];
  for (const [name, template, expression, expected] of cases) {
    test(name, () => assert.deepEqual(valueOf(expression, template), expected));
  }
  const wrong: [string, object, string, RegExp][] = [
    [
      'a circle',
      { variables: { a: "[variables('b')]", b: "[variables('a')]" } },
      "[variables('a')]",
      /depends on itself/,
    ],
    ['one that doubles and doubles', { variables: doubling }, "[variables('v39')]", /larger than/],
    ['one that is deeper and deeper', { variables: deep }, "[variables('v249')]", /nested (deeper|too deep)/],
    [
      'a function that calls itself',
      { functions: [{ namespace: 'my', members: { f: { parameters: [], output: { value: '[my.f()]' } } } }] },
      '[my.f()]',
      /nested too deep/,
    ],
    [
      'loops in loops',
      {},
      `[${"map(range(0, 9999), lambda('x', ".repeat(3)}1${'))'.repeat(3)}]`,
      /too many steps/,
    ],
  ];
  for (const [name, template, expression, expected] of wrong) {
    test(`${name} is refused`, () =>
      assert.match(refusal(() => valueOf(expression, template)).message, expected));
  }
});

describe('resources', () => {
  const task = (name: string, more: object = {}): object => ({
    type: `${registries}/tasks`,
    apiVersion: '2019-04-01',
    name,
    location: 'local',
    ...more,
  });
  const names = (resources: object, more: object = {}): string[] =>
    planOf({ resources, ...more }).resources.map(({ name }) => name);

  const orders: [string, object, string[]][] = [
    ['as written', [registry('one'), registry('two')], ['one', 'two']],
    ['after a name', [registry('one', { dependsOn: ['two'] }), registry('two')], ['two', 'one']],
    [
      'after an id',
      [registry('one', { dependsOn: [`[resourceId('${registries}', 'two')]`] }), registry('two')],
      ['two', 'one'],
    ],
    [
      'after type and name',
      [registry('one', { dependsOn: [`${registries}/two`] }), registry('two')],
      ['two', 'one'],
    ],
    [
      'after a reference',
      [registry('one', { tags: { of: "[reference('two').loginServer]" } }), registry('two')],
      ['two', 'one'],
    ],
    ['after the parent', [task('one/task1'), registry('one')], ['one', 'one/task1']],
    [
      'children within',
      [registry('one', { resources: [{ ...task('task1'), type: 'tasks' }] })],
      ['one', 'one/task1'],
    ],
    [
      'after a loop',
      [
        registry('last', { dependsOn: ['loop'] }),
        registry("[concat('r', copyIndex(1))]", { copy: { name: 'loop', count: 2 } }),
      ],
      ['r1', 'r2', 'last'],
    ],
    [
      'after an empty loop',
      [registry('one', { dependsOn: ['loop'] }), registry('r', { copy: { name: 'loop', count: 0 } })],
      ['one'],
    ],
    [
      'without what is not wanted',
      [registry('one', { condition: '[equals(1, 2)]' }), registry('two', { dependsOn: ['one'] })],
      ['two'],
    ],
    [
      'by symbolic names',
      { b: registry('two'), a: registry('one', { dependsOn: ['c'] }), c: registry('three') },
      ['two', 'three', 'one'],
    ],
    [
      'without what exists',
      { there: registry('one', { existing: true }), new: task('one/task1', { dependsOn: ['there'] }) },
      ['one/task1'],
    ],
  ];
  for (const [name, resources, expected] of orders) {
    test(`in order: ${name}`, () => assert.deepEqual(names(resources), expected));
  }

  test('a loop in turns: each batch waits for the one before', () => {
    const copy = { name: 'loop', count: 3, mode: 'Serial', batchSize: 2 };
    const plan = planOf({ resources: [registry("[concat('r', copyIndex())]", { copy })] });
    assert.deepEqual(
      plan.resources.map(({ dependsOn }) => dependsOn.length),
      [0, 0, 2],
    );
  });

  test('the body is what is not of the template; member loops and references are evaluated', () => {
    const resource = registry("[concat('r', copyIndex())]", {
      copy: { name: 'loop', count: 2 },
      comments: 'none of it',
      tags: {
        index: "[string(copyIndex('loop'))]",
        of: "[reference(resourceId('A.B/c', 'x'), '2020-01-01').y]",
      },
      properties: {
        copy: [
          { name: 'list', count: 2, input: { at: "[add(mul(copyIndex('loop'), 10), copyIndex('list'))]" } },
        ],
      },
    });
    const [, second] = planOf({ resources: [resource] }).resources;
    assert.ok(second);
    assert.equal(second.id, `${groupId}/providers/${registries}/r1`);
    const lookup = { method: 'GET', path: `${groupId}/providers/A.B/c/x`, apiVersion: '2020-01-01' } as const;
    assert.throws(
      () => second.body(new Map()),
      (error) => error instanceof LookupNeeded && lookupKey(error.lookup) === lookupKey(lookup),
    );
    assert.deepEqual(second.body(new Map([[lookupKey(lookup), { properties: { y: 'why' } }]])), {
      location: 'local',
      tags: { index: '1', of: 'why' },
      properties: { list: [{ at: 10 }, { at: 11 }] },
    });
  });

  const nested = (properties: object) => ({
    type: 'Microsoft.Resources/deployments',
    apiVersion: '2021-04-01',
    name: 'nested',
    properties: { mode: 'Incremental', ...properties },
  });
  const inside = {
    variables: { v: 'inner' },
    outputs: { it: { type: 'string', value: "[variables('v')]" } },
  };
  const nestedBody = (properties: object): Record<string, unknown> => {
    const [resource] = planOf({ variables: { v: '[[outer' }, resources: [nested(properties)] }).resources;
    return resource?.body(new Map()).properties as Record<string, unknown>;
  };
  test('a nested template of scope inner is left as it is', () => {
    const expressionEvaluationOptions = { scope: 'inner' };
    const parameters = { p: { value: "[variables('v')]" } };
    const body = nestedBody({ expressionEvaluationOptions, parameters, template: inside });
    assert.deepEqual(body.template, inside);
    assert.deepEqual(body.parameters, { p: { value: '[outer' } });
  });
  test('a nested template of scope outer is evaluated here, and means the same once more', () => {
    const { template } = nestedBody({ template: inside }) as {
      template: { outputs: { it: { value: string } } };
    };
    assert.equal(template.outputs.it.value, '[[outer');
  });
  test('a nested template of scope outer gets no secrets', () => {
    const template = { outputs: { it: { type: 'string', value: "[parameters('s')]" } } };
    const error = refusal(() =>
      planOf(
        { parameters: { s: { type: 'secureString' } }, resources: [nested({ template })] },
        { s: 'sesame' },
      ),
    );
    assert.match(error.message, /secure parameter 's' .*scope to 'inner'/);
  });

  const wrong: [string, object, string, RegExp][] = [
    [
      'a circle',
      { resources: [registry('one', { dependsOn: ['two'] }), registry('two', { dependsOn: ['one'] })] },
      'resources[0]',
      /circular dependency/,
    ],
    [
      'a circle of references',
      {
        resources: [
          registry('one', { tags: { a: "[reference('two').b]" } }),
          registry('two', { dependsOn: ['one'] }),
        ],
      },
      'resources[0]',
      /circular/,
    ],
    [
      'an unknown dependency',
      { resources: [registry('one', { dependsOn: ['two'] })] },
      'resources[0].dependsOn[0]',
      /"two" is not defined/,
    ],
    [
      'the same twice',
      { resources: [registry('one'), registry('ONE')] },
      'resources[1]',
      /defined more than once/,
    ],
    [
      'no name',
      { resources: [{ type: registries, apiVersion: '2019-05-01' }] },
      'resources[0].name',
      /must be a text that is not empty/,
    ],
    [
      'no type',
      { resources: [{ name: 'one', apiVersion: '2019-05-01' }] },
      'resources[0].type',
      /must be a text/,
    ],
    [
      'no api-version',
      { resources: [{ type: registries, name: 'one' }] },
      'resources[0].apiVersion',
      /must be a text/,
    ],
    ['too many names', { resources: [registry('one/two')] }, 'resources[0].name', /needs 1 names/],
    [
      'a name that leads elsewhere',
      { resources: [task('one/..')] },
      'resources[0].name',
      /part that is no name/,
    ],
    [
      'a type that leads elsewhere',
      { resources: [{ type: 'A.B/../c', apiVersion: '1', name: 'one/two' }] },
      'resources[0].name',
      /part that is no name/,
    ],
    [
      'a condition that is none',
      { resources: [registry('one', { condition: 'yes' })] },
      'resources[0].condition',
      /must be a bool/,
    ],
    [
      'too many copies',
      { resources: [registry('r', { copy: { name: 'l', count: 801 } })] },
      'resources[0].copy.count',
      /from 0 to 800/,
    ],
    [
      'a copy without a name',
      { resources: [registry('r', { copy: { count: 1 } })] },
      'resources[0].copy',
      /name and count/,
    ],
    [
      'an expression in a body',
      { resources: [registry('r', { properties: { x: { y: ['[nothing()]'] } } })] },
      'resources[0].properties.x.y[0]',
      /no function/,
    ],
    ['a scope', { resources: [registry('r', { scope: '/' })] }, 'resources[0].scope', /not supported/],
    ['an unknown member', { resource: [] }, 'resource', /has no member "resource"/],
    [
      'another schema',
      { $schema: 'https://x/2018-05-01/subscriptionDeploymentTemplate.json#' },
      '$schema',
      /deploymentTemplate\.json/,
    ],
    ['parameters that are none', { parameters: [] }, 'parameters', /must be an object/],
    ['resources that are none', { resources: [1] }, 'resources[0]', /must be an object/],
    [
      'an output of another type',
      { outputs: { o: { type: 'int', value: 'x' } } },
      'outputs.o.value',
      /must be of type int/,
    ],
    ['an output without a type', { outputs: { o: { value: 'x' } } }, 'outputs.o.type', /must be a type/],
    [
      'a symbolic name in a path',
      { resources: { one: registry('one', { tags: '[x()]' }) } },
      'resources.one.tags',
      /no function/,
    ],
  ];
  for (const [name, template, target, expected] of wrong) {
    test(`${name} is refused`, () => {
      const error = refusal(() => planOf(template));
      assert.equal(error.code, 'InvalidTemplate');
      assert.equal(error.target, target);
      assert.match(error.message, expected);
    });
  }
  test('a template that is too deep is refused', () => {
    const template = JSON.parse(
      `{"variables": {"v": ${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
    ) as object;
    assert.match(refusal(() => planOf(template)).message, /nested too deep/);
  });
});

test('outputs: types, secure ones, conditions, copies', () => {
  const outputs = {
    text: { type: 'string', value: 'a' },
    secret: { type: 'secureString', value: 'sesame' },
    not: { type: 'int', condition: false, value: 1 },
    list: { type: 'array', copy: { count: 2, input: "[copyIndex('list')]" } },
    object: { type: 'object', value: { a: "[reference('one', '2019-05-01', 'Full').location]" } },
    listed: { type: 'string', value: "[listCredentials('one', '2019-05-01').username]" },
  };
  const id = `${groupId}/providers/${registries}/one`;
  const known = new Map([
    [lookupKey({ method: 'GET', path: id, apiVersion: '2019-05-01' }), { location: 'local' }],
    [
      lookupKey({ method: 'POST', path: `${id}/listCredentials`, apiVersion: '2019-05-01' }),
      { username: 'me' },
    ],
  ]);
  assert.deepEqual(planOf({ resources: [registry('one')], outputs }).outputs(known), {
    text: { type: 'String', value: 'a' },
    secret: { type: 'SecureString' },
    list: { type: 'Array', value: [0, 1] },
    object: { type: 'Object', value: { a: 'local' } },
    listed: { type: 'String', value: 'me' },
  });
});
