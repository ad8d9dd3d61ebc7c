import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceEvent } from '../../forges/index.ts';
import { testTask } from '../tasks/testing.ts';
import { whyHeld, whyIgnored, whyOutdated } from './match.ts';

const url = 'https://github.com/acme/app.git';
const commit = (more: object): SourceEvent => ({ kind: 'commit', commitId: 'a'.repeat(40), ...more });

const cases: readonly [what: string, trigger: object, event: SourceEvent, urls: string[], why?: RegExp][] = [
  ['its branch', { branch: 'main' }, commit({ branch: 'main' }), [url]],
  ['its branch as a ref', { branch: 'refs/heads/main' }, commit({ branch: 'main' }), [url]],
  ['another branch', { branch: 'main' }, commit({ branch: 'Main' }), [url], /the branch Main.*for main/],
  ['the branch of the context', {}, commit({ branch: 'dev' }), [url]],
  ['another one', {}, commit({ branch: 'main' }), [url], /is for dev/],
  ['a tag for a branch', { branch: 'v1' }, commit({ tag: 'v1' }), [url], /the tag v1/],
  ['a tag', { branch: 'refs/tags/v1' }, commit({ tag: 'v1' }), [url]],
  ['any tag', { branch: 'refs/tags/*' }, commit({ tag: 'v1/x' }), [url]],
  ['a branch for any tag', { branch: 'refs/tags/*' }, commit({ branch: 'main' }), [url], /the branch main/],
  [
    'another address of it',
    { branch: 'main' },
    commit({ branch: 'main' }),
    ['git@x:1', 'HTTP://GitHub.com/Acme/App'],
  ],
  [
    'a fork',
    { branch: 'main' },
    commit({ branch: 'main' }),
    ['https://github.com/else/app.git'],
    /else\/app/,
  ],
  ['no repository', { branch: 'main' }, commit({ branch: 'main' }), [], /no repository/],
  [
    'a pull request',
    { branch: 'main' },
    { ...commit({ branch: 'main' }), kind: 'pullrequest' },
    [url],
    /for commit, not for pullrequest/,
  ],
  ['a deleted branch', { branch: 'main' }, commit({ branch: 'main', ignoredBecause: 'gone' }), [url], /gone/],
];
for (const [what, repository, event, repositoryUrls, why] of cases) {
  test(`${what} ${why ? 'starts nothing' : 'starts a run'}`, () => {
    const { properties, trigger } = taskOn({
      sourceControlType: 'Github',
      repositoryUrl: url,
      ...repository,
    });
    const reason = whyIgnored(properties, trigger, { repositoryUrls }, event);
    if (why) assert.match(reason ?? '', why);
    else assert.equal(reason, undefined);
  });
}

test('the two addresses of a repository of Azure DevOps', () => {
  const { properties, trigger } = taskOn({
    sourceControlType: 'VisualStudioTeamService',
    repositoryUrl: 'https://dev.azure.com/org/project/_git/app',
  });
  for (const address of [
    'https://org@dev.azure.com/org/project/_git/app',
    'https://org.visualstudio.com/DefaultCollection/project/_git/app',
    'https://org.visualstudio.com/project/_git/app',
  ]) {
    assert.equal(
      whyIgnored(properties, trigger, { repositoryUrls: [address] }, commit({ branch: 'any' })),
      undefined,
    );
  }
});

test('disabled tasks and triggers take nothing', () => {
  const repository = { sourceControlType: 'Github', repositoryUrl: url };
  const { properties, trigger } = taskOn(repository);
  const message = { repositoryUrls: [url] };
  const event = commit({ branch: 'dev' });
  assert.match(whyIgnored({ ...properties, status: 'Disabled' }, trigger, message, event) ?? '', /task is/);
  assert.match(whyIgnored(properties, { ...trigger, status: 'Disabled' }, message, event) ?? '', /trigger/);
});

test('a pull request of a fork waits for somebody, and says how', () => {
  const event = {
    ...commit({ branch: 'dev', outside: 'the fork mallory/app' }),
    kind: 'pullrequest',
  } as const;
  assert.match(whyHeld(event) ?? '', /from the fork mallory\/app.*rights and secrets.*slipway redeliver/);
  assert.equal(whyHeld(commit({ branch: 'dev' })), undefined);
});

test('what was changed between an event and its decision', () => {
  const source = (repositoryUrl: string) =>
    ({
      kind: 'source',
      id: '1',
      eventType: 'commit',
      commitId: 'a'.repeat(40),
      repositoryUrl,
      providerType: 'Github',
    }) as const;
  const timer = { kind: 'timer', timerTriggerName: 'n', scheduleOccurrence: '' } as const;
  const { properties } = taskOn({ sourceControlType: 'Github', repositoryUrl: url });
  const [own] = properties.trigger?.sourceTriggers ?? [];
  const disabled = {
    ...properties,
    trigger: { sourceTriggers: own ? [{ ...own, status: 'Disabled' as const }] : [] },
  };
  const other = 'https://github.com/acme/other.git';
  const cases: readonly [Parameters<typeof whyOutdated>[0], Parameters<typeof whyOutdated>[1], RegExp?][] = [
    [properties, { triggerName: 't', trigger: source(url) }],
    [properties, { triggerName: 'gone', trigger: source(url) }, /no trigger gone/],
    [properties, { triggerName: 't', trigger: source(other) }, /acme\/other.*acme\/app/],
    [properties, { triggerName: 't', trigger: source(other), redeliveryOf: 1 }, /acme\/other/],
    [disabled, { triggerName: 't', trigger: source(url) }, /disabled/],
    [disabled, { triggerName: 't', trigger: source(url), redeliveryOf: 1 }],
    [properties, { triggerName: 'n', trigger: timer }, /no trigger n/],
    [properties, { triggerName: 'n', trigger: timer, redeliveryOf: 1 }],
  ];
  for (const [task, delivery, why] of cases) {
    const reason = whyOutdated(task, delivery);
    if (why) assert.match(reason ?? '', why);
    else assert.equal(reason, undefined);
  }
});

function taskOn(sourceRepository: object) {
  const { properties } = testTask({
    step: { type: 'Docker', dockerFilePath: 'Dockerfile', contextPath: `${url}#dev:web` },
    trigger: { sourceTriggers: [{ name: 't', sourceTriggerEvents: ['commit'], sourceRepository }] },
  });
  const [trigger] = properties.trigger?.sourceTriggers ?? [];
  assert.ok(trigger);
  return { properties, trigger };
}
