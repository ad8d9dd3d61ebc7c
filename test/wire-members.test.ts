import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TSchema } from 'typebox';
import { operations } from '../src/spec/index.ts';
import { errorResponse } from '../src/spec/schemas/common.ts';
import {
  errorMembers,
  membersOf,
  readOnlyMembers,
  wireOperations,
  type WireMember,
} from './support/wire-members.ts';

/** What this test reads of a schema. */
interface Node {
  readonly type?: string;
  readonly readOnly?: boolean;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
}

const registryPath =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}' +
  '/providers/Microsoft.ContainerRegistry/registries/{registryName}';

/** The schemas along a path, the last one the member's; undefined where the path leads nowhere. */
function walk(node: Node, path: readonly string[]): Node[] | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return [node];
  for (const branch of node.oneOf ?? [node]) {
    const next = name === '[]' ? branch.items : branch.properties?.[name];
    const below = next && walk(next, rest);
    if (below) return [node, ...below];
  }
  return undefined;
}

function isOfKind(node: Node, kind: string): boolean {
  if (kind === 'object') return node.type === 'object';
  if (kind === 'enum') return node.enum !== undefined || node.const !== undefined;
  return node.type === kind;
}

function shown({ path, kind }: WireMember): string {
  return `${path.join('.')} (${kind})`;
}

/** The members that the schema does not have, or has as something else. */
function missingIn(schema: TSchema, notation: string): string[] {
  return membersOf(notation)
    .filter(({ path, kind }) => {
      const last = walk(schema, path)?.at(-1);
      return !last || !isOfKind(last, kind);
    })
    .map(shown);
}

/** Every member of every operation of 2025-03-01-preview has its place in our schemas. */
describe('wire members', () => {
  test('there are exactly the 25 operations, and the table reads as it should', () => {
    assert.equal(wireOperations.length, 25);
    const members = wireOperations.flatMap(({ request = '', responses }) => [
      ...membersOf(request),
      ...Object.values(responses).flatMap(({ body = '' }) => membersOf(body)),
    ]);
    assert.equal(members.length, 1007);
    assert.deepEqual(membersOf('{a{b:x c[{d:y}] e[z]} f:w}').map(shown), [
      'a.b (x)',
      'a.c.[].d (y)',
      'a.e.[] (z)',
      'f (w)',
    ]);
  });

  test('errors', () => assert.deepEqual(missingIn(errorResponse, errorMembers), []));

  for (const wire of wireOperations) {
    describe(wire.operationId, () => {
      const ours = operations.find(({ operationId }) => operationId === wire.operationId);

      test('method, path and query', () => {
        assert.equal(ours?.method.toUpperCase(), wire.method);
        assert.equal(ours?.path, registryPath + wire.path);
        assert.equal(Object.keys(ours?.query ?? {}).join(' '), wire.query ?? '');
      });

      test('statuses, headers and the members of answers', () => {
        assert.deepEqual(Object.keys(ours?.responses ?? {}), Object.keys(wire.responses));
        for (const [status, { body, headers = '' }] of Object.entries(wire.responses)) {
          const response = ours?.responses[Number(status)];
          assert.equal(
            Object.keys(response?.headers ?? {})
              .join(' ')
              .toLowerCase(),
            headers,
          );
          assert.equal(response?.body === undefined, body === undefined);
          if (response?.body && body) assert.deepEqual(missingIn(response.body, body), [], status);
        }
      });

      test('the members of the request, read-only or not', () => {
        assert.equal(ours?.request === undefined, wire.request === undefined);
        const wrong = membersOf(wire.request ?? '').filter(({ path, kind }) => {
          const along = walk(ours?.request ?? {}, path);
          const isReadOnly = path.some((name) => readOnlyMembers.has(name));
          const isIgnored = along === undefined || along.some(({ readOnly }) => readOnly === true);
          if (isReadOnly) return !isIgnored;
          const last = along?.at(-1);
          return isIgnored || !last || !isOfKind(last, kind);
        });
        assert.deepEqual(wrong.map(shown), []);
      });
    });
  }
});
