import { operations, type Operation } from '../../../src/spec/index.ts';
import { mutatedBody, wrongAtEachMember } from './bodies.ts';
import type { Random } from './random.ts';
import type { HostileRequest } from './send.ts';
import { filters, numbers, pathTricks, skipTokens, versions } from './values.ts';

export interface Place {
  /** `/subscriptions/…/registries/{name}` */
  readonly registryPath: string;
  readonly token: string;
  readonly runId: string;
}

const json = { 'content-type': 'application/json' };
const methods = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'];

/** What would take the ground from under the test is asked of names that are not there. */
function paramsOf(operation: Operation, { registryPath, runId }: Place): Record<string, string> {
  const [, , subscriptionId = '', , resourceGroupName = '', , , , registryName = ''] =
    registryPath.split('/');
  const { operationId } = operation;
  const isDeletion = operationId === 'ResourceGroups_Delete' || operationId === 'Registries_Delete';
  const others = { agentPoolName: 'abcde', taskName: 'abcde', taskRunName: 'abcde' };
  return {
    ...{ subscriptionId, resourceGroupName, registryName, runId, ...others },
    ...(operationId === 'ResourceGroups_Delete' && { resourceGroupName: 'nowhere' }),
    ...(isDeletion && { registryName: 'nowhere' }),
  };
}

function pathOf(operation: Operation, params: Record<string, string>): string {
  return operation.path.replace(/\{(\w+)\}/g, (_all, name: string) => params[name] ?? 'abcde');
}

function armRequest({ token }: Place, method: string, path: string, body?: Buffer | string): HostileRequest {
  const bytes = body === undefined ? undefined : Buffer.from(body as string);
  return {
    face: 'arm',
    method: method.toUpperCase(),
    path: path.includes('?') ? path : `${path}?api-version=2025-11-01`,
    headers: {
      authorization: `Bearer ${token}`,
      ...(bytes && json),
    },
    ...(bytes && { body: bytes }),
  };
}

/** For every operation with a body: something wrong at every member, one at a time. */
export function* everyMember(place: Place, random: Random, count: number): Generator<HostileRequest> {
  for (const operation of operations) {
    if (!operation.request) continue;
    const path = pathOf(operation, paramsOf(operation, place));
    for (const body of wrongAtEachMember(operation.request, random, count)) {
      yield armRequest(place, operation.method, path, body);
    }
  }
}

/** One request with something odd in its body, path, query, headers or method. */
export function anyArmRequest(place: Place, random: Random): HostileRequest {
  const operation = random.pick(operations);
  const params = paramsOf(operation, place);
  const sound = armRequest(place, operation.method, pathOf(operation, params));
  const kinds: (() => HostileRequest)[] = [
    () => {
      const { request: schema, method } = operation;
      return schema
        ? armRequest(place, method, pathOf(operation, params), mutatedBody(schema, random))
        : sound;
    },
    () => armRequest(place, operation.method, oddPath(pathOf(operation, params), random)),
    () => ({ ...sound, path: `${pathOf(operation, params)}?${oddQuery(random)}` }),
    () => armRequest(place, 'GET', `${place.registryPath}/runs?${oddQuery(random)}`),
    () => ({ ...sound, headers: { ...sound.headers, ...oddHeaders(random) } }),
    () => ({ ...sound, method: safeMethod(operation, random) }),
  ];
  return random.pick(kinds)();
}

/** Not DELETE or PUT where that would delete the registry, or make another. */
function safeMethod({ path }: Operation, random: Random): string {
  const method = random.pick(methods);
  const isGround = /\{(registryName|resourceGroupName)\}$/.test(path);
  return isGround && (method === 'DELETE' || method === 'PUT') ? 'OPTIONS' : method;
}

function oddPath(path: string, random: Random): string {
  const segments = path.split('/');
  // Behind the registry's name, so that no trick makes or deletes another one.
  const first = segments.length > 9 ? 9 : segments.length;
  const at = first + random.below(segments.length - first + 1);
  const trick = random.pick(pathTricks);
  const changed = random.chance(0.5) ? [trick] : [`${segments[at] ?? ''}${trick}`];
  return [...segments.slice(0, at), ...changed, ...segments.slice(at + 1)].join('/');
}

function oddQuery(random: Random): string {
  const parts: (() => string)[] = [
    () => `$filter=${encodeOdd(random.pick(filters))}`,
    () => `$top=${encodeOdd(random.pick(numbers))}`,
    () => `$skiptoken=${Buffer.from(random.pick(skipTokens)).toString('base64url')}`,
    () => `$skiptoken=${random.pick(pathTricks).slice(0, 100).replaceAll('\\', '%5C')}`,
    () => `$filter=a&$filter=${encodeOdd(random.pick(filters))}`,
    () => '$top=1&$top=2',
    () => `${encodeOdd(random.pick(['__proto__', 'constructor', '$filter[a]', 'x\u0000']))}=1`,
    () => '%zz=%',
    () => '&&==&',
  ];
  const version = random.chance(0.8)
    ? '2025-11-01'
    : encodeOdd(random.pick([...versions, '2025-11-01&api-version=1']));
  return [`api-version=${version}`, random.pick(parts)(), random.pick(parts)()].join('&');
}

/** Percent-encoded; a lone surrogate, which has no UTF-8, as its three bytes. */
export function encodeOdd(text: string): string {
  return [...text]
    .map((character) => (character.isWellFormed() ? encodeURIComponent(character) : '%ED%A0%80'))
    .join('');
}

function oddHeaders(random: Random): Record<string, string | string[]> {
  const odd: Record<string, string | string[]>[] = [
    { authorization: '' },
    { authorization: `Bearer ${'a'.repeat(7000)}` },
    { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJvaWQiOiIxIn0.' },
    { authorization: 'Basic Og==' },
    { 'content-type': 'text/xml' },
    { 'content-type': 'application/json; charset=utf-7' },
    { 'content-type': '%%%' },
    { 'content-type': 'multipart/form-data; boundary=' },
    { 'content-encoding': 'gzip' },
    { 'x-ms-client-request-id': '\u00ff'.repeat(300) },
    { 'x-ms-correlation-request-id': '<script>' },
    { 'x-http-method-override': 'DELETE', 'x-forwarded-host': 'evil.example', 'x-original-url': '/' },
    { accept: '*/*;q=nonsense', 'accept-language': 'x'.repeat(2000), range: 'bytes=9-1' },
    { expect: 'something-odd' },
    { 'if-match': '"', 'if-none-match': '*' },
    Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-many-${index}`, 'v'])),
    { cookie: Array.from({ length: 50 }, (_, index) => `c${index}=%`) },
    { host: 'evil.example:1' },
    { 'x-long': 'y'.repeat(20_000) },
  ];
  return random.pick(odd);
}
