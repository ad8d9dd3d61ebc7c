import type { Webhook } from '../api/types.ts';
import { Badge } from './badge.tsx';
import { Code } from './copy.tsx';
import { declaredProvider, providerName, repositoryName } from './links.tsx';
import { Notice } from './notice.tsx';

/** Where a provider sends a trigger's events, and what a person has to do for it. */
export function WebhookCard({ webhook }: { webhook: Webhook }) {
  const { triggerName, repositoryUrl, url, secret, registration } = webhook;
  const provider = declaredProvider(webhook.providerType, repositoryUrl);
  return (
    <article className="webhook" aria-label={`Webhook of ${triggerName}`}>
      <h3>
        Webhook at {provider === undefined ? repositoryName(repositoryUrl) : providerName(provider)}{' '}
        <Badge status={registration} />
      </h3>
      <dl className="facts">
        <div className="wide">
          <dt>Payload URL</dt>
          <dd>
            <Code text={url} what="payload URL" />
          </dd>
        </div>
        <div className="wide">
          <dt>Secret</dt>
          <dd>
            <Code text={secret} what="secret" />
          </dd>
        </div>
      </dl>
      <p>
        {registration === 'Registered' || registration === 'Pending'
          ? `Slipway ${registration === 'Pending' ? 'is registering' : 'has registered'} it at ${repositoryName(repositoryUrl)} itself; there is nothing to do.`
          : whereToEnter(provider, repositoryUrl)}
      </p>
      {webhook.registrationError !== undefined && (
        <Notice kind="error">
          {registration === 'Registered' ? 'It could not be looked for' : 'It could not be registered'}:{' '}
          {webhook.registrationError}
        </Notice>
      )}
      {webhook.commitStatusError !== undefined && (
        <Notice kind="error">Commits do not show their runs: {webhook.commitStatusError}</Notice>
      )}
    </article>
  );
}

/** az knows GitHub and Azure DevOps only: `Github` may be any provider that is like it. */
function whereToEnter(providerType: string | undefined, repositoryUrl: string): string {
  const isGithubItself = URL.parse(repositoryUrl)?.hostname === 'github.com';
  switch (providerType) {
    case undefined:
      return 'Enter them among the webhooks of the repository (at GitLab the secret is the secret token). The content type is application/json; choose pushes, tags and pull or merge requests.';
    case 'Gitlab':
      return 'In GitLab: Settings → Webhooks → Add new webhook. The secret is the secret token; tick push, tag push and merge request events.';
    case 'VisualStudioTeamService':
      return 'In Azure DevOps: Project settings → Service hooks → Create subscription → Web Hooks, once for “Code pushed” and for each of “Pull request created” and “updated”. The secret is the basic authentication password; any user name will do.';
    case 'Github':
      return `In ${isGithubItself ? 'GitHub' : 'GitHub, Gitea or Forgejo'}: Settings → Webhooks → Add webhook. The content type is application/json; choose pushes and pull requests.`;
    default:
      return `In ${providerName(providerType)}: Settings → Webhooks → Add webhook → ${providerName(providerType)}. The method is POST, the content type application/json; choose push and pull request events.`;
  }
}
