import { describe } from 'node:test';
import { testAccepted, testRefused } from '../check-cases.ts';
import { runRequest } from './run-request.ts';

const build = {
  type: 'DockerBuildRequest',
  dockerFilePath: 'Dockerfile',
  platform: { os: 'Linux' },
  sourceLocation: 'source/x.tar.gz',
};
const built = {
  ...build,
  isArchiveEnabled: false,
  timeout: 3600,
  agentConfiguration: { cpu: 2 },
  imageNames: [],
  isPushEnabled: true,
  noCache: false,
  arguments: [],
};
const client = '11111111-2222-3333-4444-555555555555';
const registry = (value: object) => ({
  ...build,
  credentials: { customRegistries: { 'reg.example.com:5000': value } },
});
const at = 'credentials.customRegistries["reg.example.com:5000"]';

describe('a DockerBuildRequest', () => {
  testAccepted(runRequest, [
    ['gets its defaults', build, built],
    ['with a type in another case', { ...build, type: 'dockerbuildrequest' }, built],
    [
      'as az sends it',
      {
        ...build,
        isArchiveEnabled: false,
        imageNames: ['app:v1'],
        isPushEnabled: true,
        noCache: false,
        arguments: [],
        platform: { os: 'linux', architecture: 'AMD64', variant: null },
        credentials: {},
      },
      { ...built, imageNames: ['app:v1'], platform: { os: 'linux', architecture: 'AMD64' }, credentials: {} },
    ],
    ['with the shortest timeout', { ...build, timeout: 300 }, { ...built, timeout: 300 }],
    ['with the longest timeout', { ...build, timeout: 28_800 }, { ...built, timeout: 28_800 }],
    [
      'with arguments, some secret',
      {
        ...build,
        arguments: [
          { name: 'A', value: '' },
          { name: 'B', value: 'hunter2', isSecret: true },
        ],
      },
      {
        ...built,
        arguments: [
          { name: 'A', value: '', isSecret: false },
          { name: 'B', value: 'secret:hunter2', isSecret: true },
        ],
      },
    ],
    [
      'with the caller for its registry',
      { ...build, credentials: { sourceRegistry: { identity: '[CALLER]', loginMode: 'none' } } },
      { ...built, credentials: { sourceRegistry: { identity: '[CALLER]', loginMode: 'None' } } },
    ],
    [
      'with a client ID for its registry',
      { ...build, credentials: { sourceRegistry: { identity: client } } },
      { ...built, credentials: { sourceRegistry: { identity: client } } },
    ],
    [
      'with a custom registry',
      registry({ userName: { type: 'opaque', value: 'me' }, password: { value: 'hunter2' } }),
      {
        ...built,
        ...registry({
          userName: { type: 'Opaque', value: 'me' },
          password: { type: 'Opaque', value: 'secret:hunter2' },
        }),
        ...{ type: 'DockerBuildRequest' },
      },
    ],
    [
      'with an identity for a custom registry',
      registry({ identity: '[system]' }),
      { ...built, ...registry({ identity: '[system]' }) },
    ],
    [
      'with a pool, a target and a log template',
      { ...build, agentPoolName: 'big-pool', target: '', logTemplate: 'logs:{{.Run.ID}}' },
      { ...built, agentPoolName: 'big-pool', target: '', logTemplate: 'logs:{{.Run.ID}}' },
    ],
    [
      'from a git URL',
      { ...build, sourceLocation: 'https://git.example.com/a.git#main:dir' },
      { ...built, sourceLocation: 'https://git.example.com/a.git#main:dir' },
    ],
  ]);
  testRefused(runRequest, [
    [
      'with nothing in it',
      { type: 'DockerBuildRequest' },
      ['MissingParameter', 'platform', /required/],
      ['MissingParameter', 'dockerFilePath', /required/],
      ['MissingParameter', 'sourceLocation', /required/],
    ],
    ['of no type', { ...build, type: undefined }, ['MissingParameter', 'type', /required/]],
    [
      'of an unknown type',
      { type: 'Build' },
      [
        'InvalidParameter',
        'type',
        /is "Build"; it must be one of DockerBuildRequest, FileTaskRunRequest, EncodedTaskRunRequest, TaskRunRequest/,
      ],
    ],
    [
      'timeout',
      { ...build, timeout: 100 },
      ['InvalidParameter', 'timeout', /^timeout is 100; it must be between 300 and 28800 seconds$/],
    ],
    ['a longer timeout', { ...build, timeout: 28_801 }, ['InvalidParameter', 'timeout', /28801/]],
    ['an empty platform', { ...build, platform: {} }, ['MissingParameter', 'platform.os', /required/]],
    [
      'an unknown platform',
      { ...build, platform: { os: 'BeOS', architecture: 'mips', variant: 'v5' } },
      ['InvalidParameter', 'platform.os', /Linux, Windows/],
      ['InvalidParameter', 'platform.architecture', /amd64, x86, 386, arm, arm64/],
      ['InvalidParameter', 'platform.variant', /v6, v7, v8/],
    ],
    [
      'no CPU',
      { ...build, agentConfiguration: { cpu: 0 } },
      ['InvalidParameter', 'agentConfiguration.cpu', /between 1 and 64/],
    ],
    [
      'a pool name',
      { ...build, agentPoolName: 'a' },
      ['InvalidParameter', 'agentPoolName', /3 to 20 letters, digits or hyphens/],
    ],
    [
      'an image name',
      { ...build, imageNames: ['ok', 'not ok'] },
      ['InvalidParameter', 'imageNames[1]', /an image name such as app:v1/],
    ],
    [
      '101 image names',
      { ...build, imageNames: Array(101).fill('a') },
      ['InvalidParameter', 'imageNames', /at most 100/],
    ],
    [
      'arguments',
      { ...build, arguments: [{ value: 'a' }, { name: 'B' }, 'C=1'] },
      ['MissingParameter', 'arguments[0].name', /required/],
      ['MissingParameter', 'arguments[1].value', /required/],
      ['InvalidParameter', 'arguments[2]', /is a text; it must be an object/],
    ],
    [
      'an option as its source',
      { ...build, sourceLocation: '--upload-pack=x' },
      ['InvalidParameter', 'sourceLocation', /must be a path/],
    ],
    [
      'a source of two lines',
      { ...build, sourceLocation: 'a\nb' },
      ['InvalidParameter', 'sourceLocation', /in one line/],
    ],
    ['an empty source', { ...build, sourceLocation: '' }, ['MissingParameter', 'sourceLocation', /is empty/]],
    [
      'an identity of its registry',
      { ...build, credentials: { sourceRegistry: { identity: 'me' } } },
      [
        'InvalidParameter',
        'credentials.sourceRegistry.identity',
        /is "me"; it must be \[caller\], \[system\] or a client ID/,
      ],
    ],
    [
      'a login mode',
      { ...build, credentials: { sourceRegistry: { loginMode: 'Some' } } },
      ['InvalidParameter', 'credentials.sourceRegistry.loginMode', /None, Default/],
    ],
    [
      'a custom registry without anything',
      registry({}),
      ['MissingParameter', `${at}.userName`, /unless an identity is given/],
      ['MissingParameter', `${at}.password`, /unless an identity is given/],
    ],
    [
      'a custom registry without its password',
      registry({ userName: { value: 'me' } }),
      ['MissingParameter', `${at}.password`, /required/],
    ],
    [
      'a password as a text',
      registry({ userName: { value: 'me' }, password: 'hunter2' }),
      ['InvalidParameter', `${at}.password`, /is a text; it must be an object/],
    ],
    [
      'an empty password',
      registry({ userName: { value: 'me' }, password: { value: '' } }),
      ['MissingParameter', `${at}.password.value`, /is empty/],
    ],
    [
      'the caller for a custom registry',
      registry({ identity: '[caller]' }),
      ['InvalidParameter', `${at}.identity`, /\[system\] or a client ID/],
    ],
    [
      'a type of a secret',
      registry({ userName: { value: 'me' }, password: { type: 'Clear', value: 'x' } }),
      ['InvalidParameter', `${at}.password.type`, /Opaque, Vaultsecret/],
    ],
    [
      'a host',
      { ...build, credentials: { customRegistries: { 'https://r': { identity: '[system]' } } } },
      ['InvalidParameter', 'credentials.customRegistries["https://r"]', /named by a registry host/],
    ],
  ]);
});
