// A Git LFS server (batch API with basic transfers) for the tests of this room.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

export interface LfsStore {
  /** Keeps a file and answers the pointer that a repository has in its place; `sizeBytes` if it is to lie. */
  add(content: string, sizeBytes?: number): string;
  /** Where objects are said to be; default on this server. */
  href?: ((oid: string, origin: string) => string) | undefined;
  /** What objects are to be asked for with, as GitLab does it. */
  header?: Record<string, string>;
  /** Where a request is sent on to. */
  redirect?: ((path: string) => string | undefined) | undefined;
  /** Answers whether the request was for it. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

export function createLfsStore(): LfsStore {
  const objects = new Map<string, string>();
  const store: LfsStore = {
    add(content, sizeBytes = Buffer.byteLength(content)) {
      const oid = createHash('sha256').update(content).digest('hex');
      objects.set(oid, content);
      return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${sizeBytes}\n`;
    },
    handle(request, response) {
      const path = request.url ?? '';
      const location = store.redirect?.(path);
      const oid = /^\/lfs-objects\/([0-9a-f]{64})$/.exec(path)?.[1];
      if (location !== undefined) response.writeHead(307, { location }).end();
      else if (oid !== undefined) response.end(objects.get(oid));
      else if (path.endsWith('/objects/batch')) void answerBatch(request, response);
      else return false;
      return true;
    },
  };
  async function answerBatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { href = (oid, origin) => `${origin}/lfs-objects/${oid}` } = store;
    const wanted = JSON.parse(await text(request)) as { objects: { oid: string; size: number }[] };
    const answers = wanted.objects.map(({ oid, size }) => ({
      oid,
      size,
      ...(objects.has(oid)
        ? {
            actions: {
              download: { href: href(oid, `http://${request.headers.host}`), header: store.header },
            },
          }
        : { error: { code: 404, message: 'Object does not exist' } }),
    }));
    response.setHeader('content-type', 'application/vnd.git-lfs+json');
    response.end(JSON.stringify({ transfer: 'basic', objects: answers }));
  }
  return store;
}
