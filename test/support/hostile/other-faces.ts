import { agentApiPrefix, protocolVersion } from '../../../src/protocol/index.ts';
import type { Random } from './random.ts';
import { encodeOdd } from './requests.ts';
import type { HostileRequest } from './send.ts';
import { pathTricks, wrongValues } from './values.ts';

export interface OtherFaces {
  readonly blobHost: string;
  /** Path and query of a signed upload, and of a log. */
  readonly uploadPath: string;
  readonly logPath: string;
  readonly joinToken: string;
  /** Token of an agent that has joined. */
  readonly agentToken: string;
  /** `id:secret` of a principal that may use the registry. */
  readonly basic: string;
}

const odd = ['a\u0000b', '', '%', '😀', 'x'.repeat(5000), "'; --", '__proto__', '\u0000'];

/** A request to another face than ARM's. */
export function anyOtherRequest(faces: OtherFaces, random: Random): HostileRequest {
  return random.pick([loginRequest, agentRequest, blobRequest, ociRequest])(faces, random);
}

function loginRequest(_faces: OtherFaces, random: Random): HostileRequest {
  const names = ['grant_type', 'client_id', 'client_secret', 'scope', 'resource', '__proto__'];
  const form = names.map((name) => {
    const value = name === 'grant_type' && random.chance(0.7) ? 'client_credentials' : random.pick(odd);
    return `${name}=${random.chance(0.1) ? '%zz' : encodeOdd(value)}`;
  });
  const paths = ['/adfs/oauth2/token', `/${random.pick(pathTricks).replace('\\', '')}/oauth2/v2.0/token`];
  const discovery = [
    '/metadata/endpoints?api-version=%00',
    '/metadata/endpoints?api-version=a&api-version=b',
  ];
  if (random.chance(0.2)) return { face: 'login', method: 'GET', path: random.pick(discovery), headers: {} };
  const body = Buffer.from(random.chance(0.1) ? `${'a=b&'.repeat(3000)}` : form.join('&'));
  return {
    face: 'login',
    method: 'POST',
    path: random.chance(0.7) ? '/adfs/oauth2/token' : random.pick(paths),
    headers: {
      'content-type': random.chance(0.9) ? 'application/x-www-form-urlencoded' : 'application/json',
      ...(random.chance(0.3) && {
        authorization: `Basic ${Buffer.from(`${random.pick(odd)}:${random.pick(odd)}`).toString('base64')}`,
      }),
    },
    body,
  };
}

function agentRequest({ joinToken, agentToken }: OtherFaces, random: Random): HostileRequest {
  const members: Record<string, unknown> = {
    ...{ protocolVersion, name: 'a', instanceId: 'i', pool: 'p', os: 'linux', architecture: 'amd64' },
    ...{ deadInstanceIds: ['x'], attempt: 1, waitSeconds: 0, status: 'Failed', errorMessage: 'a\u0000b' },
    ...{
      outputImages: [{ digest: '\ud800' }],
      dependencies: [{ image: {}, buildtime: [{ tag: '\u0000' }] }],
      steps: [{ stepId: '\u0000', kind: 'cmd', status: 'Running', dependsOn: ['\ud800'], attempts: 1 }],
    },
  };
  const name = random.pick(Object.keys(members));
  if (random.chance(0.8)) members[name] = random.pick(wrongValues);
  const run = `/runs/${random.pick(['1', '0', '-1', '9007199254740993', 'x', '%00', '1e3'])}`;
  const isLog = random.chance(0.2);
  const log = `${run}/log?attempt=${random.pick(['1', 'x', ''])}&offset=${random.pick(['0', '-1', '9e99'])}`;
  const others = [
    '/register',
    '/deregister',
    `${run}/begin`,
    `${run}/heartbeat`,
    `${run}/complete`,
    `${run}/steps`,
    '/nothing',
  ];
  const path = isLog ? log : random.pick(others);
  const token = path === '/register' ? joinToken : path === '/deregister' ? 'no.token' : agentToken;
  return {
    face: 'agents',
    method: random.chance(0.9) ? 'POST' : random.pick(['GET', 'PUT', 'OPTIONS']),
    path: `${agentApiPrefix}${path}`,
    headers: {
      authorization: `Bearer ${random.chance(0.8) ? token : random.pick(['', 'x', "00000000-0000-0000-0000-000000000000.'"])}`,
      'content-type': isLog ? 'application/octet-stream' : 'application/json',
    },
    body: isLog ? Buffer.alloc(random.pick([0, 10, 300_000])) : Buffer.from(JSON.stringify(members)),
  };
}

function blobRequest({ blobHost, uploadPath, logPath }: OtherFaces, random: Random): HostileRequest {
  const signed = random.pick([uploadPath, logPath]);
  const [path = '', query = ''] = signed.split('?', 2);
  const paths = [
    signed,
    `${signed}&comp=block&blockid=${random.pick(['', '%00', 'AA==', 'x'.repeat(300), '%zz'])}`,
    `${signed}&comp=blocklist`,
    `${signed}&comp=${random.pick(['lease', '%00', 'block&comp=block'])}`,
    `${path}?${query.replace(/sig=[^&]*/, `sig=${random.pick(['', '%00', '%zz', 'a', 'x'.repeat(3000)])}`)}`,
    `${path}?${query.replace(/se=[^&]*/, `se=${random.pick(['', '%00', 'never', '2099-99-99'])}`)}`,
    `${path}/${random.pick(pathTricks).replaceAll('\\', '')}?${query}`,
    `/${random.pick(pathTricks).replaceAll('\\', '')}/x?${query}`,
    `/logs?${query}`,
    '/',
  ];
  const ranges = [
    'bytes=5-1',
    'bytes=-0',
    'bytes=99999999-',
    'bytes=0-0,1-1',
    'x',
    'bytes=0-99999999999999999999',
  ];
  const bodies = [
    '',
    '<BlockList>',
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><BlockList>&x;</BlockList>',
  ];
  const method = random.pick(['GET', 'HEAD', 'PUT', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'TRACE']);
  const hasBody = method === 'PUT' || method === 'POST';
  return {
    face: 'blob',
    method,
    path: random.pick(paths),
    headers: {
      host: blobHost,
      ...(random.chance(0.5) && { 'x-ms-range': random.pick(ranges) }),
      ...(random.chance(0.3) && { 'x-ms-client-request-id': 'é'.repeat(10) }),
      ...(random.chance(0.2) && { 'if-match': random.pick(['*', 'x', '"']) }),
      ...(random.chance(0.2) && { 'content-type': random.pick(['', 'text/xml', '%%%']) }),
    },
    ...(hasBody && { body: Buffer.from(random.pick(bodies)) }),
  };
}

function ociRequest({ basic }: OtherFaces, random: Random): HostileRequest {
  const trick = random.pick(pathTricks).replaceAll('\\', '');
  const digest = `sha256:${'0'.repeat(64)}`;
  const paths = [
    ...['/v2/', '/v2', '/nothing', `/v2/${trick}/manifests/latest`, `/v2/a/blobs/${digest}?link=${trick}`],
    ...[
      `/v2/a/blobs/${digest}?link=a&link=b`,
      '/v2/_catalog?n=-1',
      `/oauth2/token?scope=${trick}&service=%00`,
    ],
    ...['/oauth2/token?scope=repository:a:pull&scope=::&scope=%20', '/oauth2/exchange', '/oauth2/token'],
  ];
  const path = random.pick(paths);
  const method = random.pick(['GET', 'GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'TRACE', 'DELETE']);
  const form = `grant_type=${random.pick(['refresh_token', 'password', '%00'])}&username=%00&password=%00&refresh_token=${trick}&access_token=${trick}`;
  const user = random.chance(0.4) ? basic : `${random.pick(odd)}:${random.pick(odd)}`;
  return {
    face: 'oci',
    method,
    path,
    headers: {
      ...(random.chance(0.6) && { authorization: `Basic ${Buffer.from(user).toString('base64')}` }),
      ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...((method === 'POST' || method === 'PUT') && { body: Buffer.from(random.pick([form, '', '%zz=%'])) }),
  };
}
