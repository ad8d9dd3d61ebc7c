import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { providerTypes, Secret, ServiceError, type ProviderType } from '../model/index.ts';
import { readHook, type HookMessage, type HookRequest, type SourceEvent } from './index.ts';
import {
  hookRequest,
  noCommit,
  pullRequestPayload,
  pushPayload,
  type ChangedPullRequest,
} from './testing.ts';

const secret = 's3cret-4711';
const commitId = 'a'.repeat(40);
const repositoryUrl = 'https://forge.example.com/acme/app.git';
const read = (request: HookRequest): HookMessage => readHook(request, new Secret(secret));

for (const provider of providerTypes)
  describe(`webhooks of ${provider}`, () => {
    const push = (ref: string, after = commitId) =>
      hookRequest(provider, pushPayload(provider, { repositoryUrl, ref, after }), { secret });
    const pullRequest = (change: ChangedPullRequest['change'], from: { fork?: string | null } = {}) =>
      hookRequest(
        provider,
        pullRequestPayload(provider, { repositoryUrl, id: 7, commitId, base: 'main', change, ...from }),
        { secret },
      );
    const pulled = { kind: 'pullrequest', commitId, branch: 'main', pullRequestId: '7' };

    const cases: readonly [what: string, request: HookRequest, events: object[]][] = [
      ['a push', push('refs/heads/main'), [{ kind: 'commit', commitId, branch: 'main' }]],
      ['a branch with slashes', push('refs/heads/a/b'), [{ kind: 'commit', commitId, branch: 'a/b' }]],
      [
        'a branch that a shell would run',
        push('refs/heads/$(touch x);`id`'),
        [{ kind: 'commit', commitId, branch: '$(touch x);`id`' }],
      ],
      [
        'a branch that a terminal and YAML would obey',
        push('refs/heads/a\n\u001b[2Jb'),
        [{ kind: 'commit', commitId, branch: 'a\ufffd\ufffd[2Jb' }],
      ],
      ['a tag', push('refs/tags/v1.0'), [{ kind: 'commit', commitId, tag: 'v1.0' }]],
      [
        'a branch that was deleted',
        push('refs/heads/old', noCommit),
        [{ kind: 'commit', commitId: noCommit, branch: 'old', ignoredBecause: 'the branch was deleted' }],
      ],
      [
        'a commit that is an option of git',
        push('refs/heads/main', '--upload-pack=x'),
        [{ kind: 'commit', commitId: '', branch: 'main', ignoredBecause: 'it names no commit' }],
      ],
      ['a ref of another kind', push('refs/notes/commits'), []],
      ['an opened pull request', pullRequest('opened'), [pulled]],
      ['one with new commits', pullRequest('changed'), [pulled]],
      [
        'one of a fork',
        pullRequest('opened', { fork: 'mallory/app' }),
        [{ ...pulled, outside: 'the fork mallory/app' }],
      ],
      [
        'new commits of a fork that was deleted',
        pullRequest('changed', { fork: null }),
        [{ ...pulled, outside: 'a fork that was deleted' }],
      ],
    ];
    for (const [what, request, events] of cases) {
      test(what, () => {
        const message = read(request);
        assert.deepEqual(message.events.map(withoutSameAs), events);
        assert.equal(message.providerType, provider);
        assert.ok(message.deliveryId);
        assert.ok(message.repositoryUrls.includes(repositoryUrl));
      });
    }

    test('a closed pull request is nothing to build', () => {
      assert.match(read(pullRequest('closed')).events[0]?.ignoredBecause ?? '', /merged|completed|close/);
    });

    test('the same request has the same delivery id', () => {
      const request = push('refs/heads/main');
      assert.equal(read(request).deliveryId, read(request).deliveryId);
    });

    test('what does not know the secret is refused, whatever it sends', () => {
      const payload = pushPayload(provider, { repositoryUrl, ref: 'refs/heads/main', after: commitId });
      const good = push('refs/heads/main');
      const forged: [string, HookRequest][] = [
        ['another secret', hookRequest(provider, payload, { secret: 'other' })],
        ['an empty secret', hookRequest(provider, payload, { secret: '' })],
        ['no JSON either', hookRequest(provider, '{', { secret: 'other' })],
        ['no headers', { headers: {}, body: good.body }],
      ];
      if (provider !== 'Gitlab' && provider !== 'VisualStudioTeamService') {
        forged.push(['another body', { ...good, body: Buffer.from('{}') }]);
      }
      for (const [what, request] of forged) {
        assert.throws(() => read(request), isError(401, 'HookNotAuthentic'), what);
      }
    });

    test('a body that is no JSON object in UTF-8 is refused', () => {
      for (const body of ['', '{', 'null', '7', '"text"']) {
        assert.throws(
          () => read(hookRequest(provider, body, { secret })),
          isError(400, 'InvalidPayload'),
          body,
        );
      }
    });

    test('payloads without the members of their kind start nothing', () => {
      for (const payload of [{}, { ref: 7, repository: [] }, { object_kind: 'constructor' }, []]) {
        for (const event of ['push', 'constructor', 'ping']) {
          const { events } = read(hookRequest(provider, payload, { secret, event }));
          assert.ok(events.every(({ ignoredBecause }) => ignoredBecause !== undefined));
        }
      }
    });
  });

test('whose commits a pull request has, as each provider says it', () => {
  const repository = { full_name: 'Acme/App', clone_url: repositoryUrl };
  const ofGithub = (head: object, more: object = {}) => ({
    action: 'opened',
    repository,
    pull_request: { number: 7, head: { sha: commitId, ...head }, base: { ref: 'main' }, ...more },
  });
  const ofGitlab = (attributes: object) => ({
    object_kind: 'merge_request',
    object_attributes: { iid: 7, action: 'open', last_commit: { id: commitId }, ...attributes },
  });
  const cases: readonly [provider: ProviderType, payload: object, outside: string | undefined][] = [
    ['Github', ofGithub({ ref: 'x', repo: { full_name: 'acme/app' } }), undefined],
    // the repository is a fork of another one itself
    ['Github', ofGithub({ ref: 'x', repo: { full_name: 'acme/app', fork: true } }), undefined],
    ['Github', ofGithub({ ref: 'x', repo: { full_name: 'acme/app2', fork: false } }), 'the fork acme/app2'],
    ['Github', ofGithub({ ref: 'x' }), 'a fork that was deleted'],
    ['Github', ofGithub({ ref: 'x', repo: null }), 'a fork that was deleted'],
    ['Gitea', ofGithub({ ref: 'refs/pull/7/head', repo: repository }), 'no branch of the repository'],
    ['Gitlab', ofGitlab({ source_project_id: 15, target_project_id: 15 }), undefined],
    ['Gitlab', ofGitlab({ source_project_id: 16, target_project_id: 15 }), 'the fork 16'],
    ['Gitlab', ofGitlab({ target_project_id: 15 }), 'a fork that was deleted'],
    ['Gitlab', ofGitlab({}), 'a fork that was deleted'],
  ];
  for (const [provider, payload, outside] of cases) {
    const request = hookRequest(provider, payload, { secret, event: 'pull_request' });
    assert.equal(read(request).events[0]?.outside, outside, JSON.stringify(payload));
  }
});

test('a label is no new commit', () => {
  for (const provider of ['Github', 'Gitea', 'Gitlab'] as const) {
    const changed = { repositoryUrl, id: 7, commitId, base: 'main', change: 'labeled' } as const;
    const [event] = read(hookRequest(provider, pullRequestPayload(provider, changed), { secret })).events;
    assert.match(event?.ignoredBecause ?? '', /labeled|brought no commits/);
  }
});

test('a vote on a pull request of Azure DevOps is the same event as its commit', () => {
  const update = () => {
    const changed = { repositoryUrl, id: 7, commitId, base: 'main', change: 'changed' } as const;
    const payload = pullRequestPayload('VisualStudioTeamService', changed);
    return read(hookRequest('VisualStudioTeamService', payload, { secret })).events[0]?.sameAs;
  };
  assert.equal(update(), update());
  assert.notEqual(update(), undefined);
});

test('an annotated tag of GitHub names its commit', () => {
  const payload = {
    ...pushPayload('Github', { repositoryUrl, ref: 'refs/tags/v1', after: 'b'.repeat(40) }),
    head_commit: { id: commitId },
  };
  assert.equal(read(hookRequest('Github', payload, { secret })).events[0]?.commitId, commitId);
});

test('the form field in which GitHub can send its payload', () => {
  const payload = pushPayload('Github', { repositoryUrl, ref: 'refs/heads/main', after: commitId });
  const form = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const request = hookRequest('Github', form, { secret });
  const headers = { ...request.headers, 'content-type': 'application/x-www-form-urlencoded' };
  assert.equal(read({ ...request, headers }).events[0]?.commitId, commitId);
});

function withoutSameAs({ sameAs: _sameAs, ...event }: SourceEvent): object {
  return event;
}

function isError(statusCode: number, code: string): (error: unknown) => boolean {
  return (error) => error instanceof ServiceError && error.statusCode === statusCode && error.code === code;
}
