import type { ReactNode } from 'react';
import { Code, Snippet } from './copy.tsx';

/** Where registries of others tell that images were pushed, and what a person has to do for it. */
export function ImageWebhookCard({ url }: { url: string }) {
  return (
    <article className="webhook" aria-label="Webhook for other registries">
      <h3>Webhook for other registries</h3>
      <dl className="facts">
        <div className="wide">
          <dt>Payload URL</dt>
          <dd>
            <Code text={url} what="payload URL" />
          </dd>
        </div>
      </dl>
      <p>
        The URL is the secret: who knows it can have images looked at sooner, and nothing else. Enter it where
        the images are:
      </p>
      <ul className="places">
        {places(url).map(([registry, how]) => (
          <li key={registry}>
            <b>{registry}</b>
            <div>{how}</div>
          </li>
        ))}
      </ul>
      {isOfThisMachine(url) && (
        <p className="muted">
          Registries on other machines cannot reach this address;{' '}
          <code>slipway server --hooks-url https://…</code> says where they do.
        </p>
      )}
    </article>
  );
}

function places(url: string): readonly (readonly [registry: string, how: ReactNode])[] {
  return [
    ['Docker Hub', 'The repository → Webhooks → New webhook.'],
    [
      'Harbor',
      'The project → Webhooks → New webhook. The notify type is HTTP, the event “Artifact pushed”; either payload format will do.',
    ],
    ['Azure Container Registry', 'Services → Webhooks → Add. The action is push.'],
    [
      'Quay',
      'The repository → Settings → Events and notifications → Create notification: “Push to repository”, as “Webhook POST”.',
    ],
    ['Artifactory', 'Administration → Webhooks → New webhook. The event is “Tag was pushed” of Docker.'],
    [
      'GitHub',
      'Settings of the organization or repository → Webhooks → Add webhook. The content type is application/json; choose registry packages.',
    ],
    [
      'Gitea, Forgejo',
      'Settings of the organization or user → Webhooks → Add webhook. The method is POST, the content type application/json; choose package events.',
    ],
    [
      'Amazon ECR',
      'In EventBridge a rule for “ECR Image Action” with an API destination that posts to this URL.',
    ],
    ['CNCF distribution', <Snippet text={distributionConfig(url)} what="configuration of distribution" />],
    ['Anything else', <Snippet text={command(url)} what="command" />],
  ];
}

/** Source: https://distribution.github.io/distribution/about/configuration/#notifications */
function distributionConfig(url: string): string {
  return `notifications:
  endpoints:
    - name: slipway
      url: ${url}
      timeout: 5s
      threshold: 3
      backoff: 10s`;
}

function command(url: string): string {
  return `curl -d '{"image": "registry.example.org/base/node:22"}' \\\n  ${url}`;
}

function isOfThisMachine(url: string): boolean {
  const { hostname = '' } = URL.parse(url) ?? {};
  return /(^|\.)localhost$/.test(hostname) || /^(127\.|\[::1\])/.test(hostname);
}
