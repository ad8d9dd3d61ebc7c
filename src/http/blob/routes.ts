import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { verifyBlobSignature, type BlobStore } from '../../blobs/index.ts';
import { ServiceError } from '../../model/index.ts';
import { parseBlockList } from './block-list.ts';
import { sendError } from './errors.ts';
import type { LogSource, LogState } from './log-source.ts';
import { parseRange, resolveRange } from './range.ts';

export interface BlobDeps {
  readonly blobs: BlobStore;
  readonly logs: LogSource;
  /** Key of the signatures on URLs. */
  readonly sasKey: Uint8Array;
  readonly maxUploadBytes: number;
  readonly now: () => Date;
}

type BlobRequest = FastifyRequest<{
  Params: { container: string; '*': string };
  Querystring: Record<string, string>;
}>;

const logContainer = 'logs';
const maxBlockListBytes = 4 * 1024 * 1024;
const maxWaitSeconds = 30;
const firstLineSeconds = 2;

/**
 * The Azure Blob protocol as far as clients of the build API use it: Put Blob, Put Block, Put Block List
 * for source archives; Get Blob Properties and Get Blob with ranges for archives and logs. Every request
 * needs a URL signed for that blob and purpose. Ours: `wait=SECONDS` on a log holds a read at its end
 * until there is more.
 */
export function blobRoutes(deps: BlobDeps): FastifyPluginAsync {
  return async (app) => {
    await app.register(async (scope) => routes(scope, deps));
  };
}

async function routes(app: FastifyInstance, deps: BlobDeps): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.setErrorHandler((error, request, reply) => {
    request.raw.resume(); // many clients read no answer before they have sent all
    return sendError(error, request, reply);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply
      .header('x-ms-request-id', request.id)
      .header('x-ms-version', '2018-11-09')
      .header('x-content-type-options', 'nosniff');
    const clientId = request.headers['x-ms-client-request-id'];
    if (typeof clientId === 'string') reply.header('x-ms-client-request-id', clientId);
  });
  const check = (request: BlobRequest, need: 'r' | 'w'): { container: string; blob: string } => {
    const { container, '*': blob } = request.params;
    const query = new URL(request.raw.url ?? '/', 'https://localhost').searchParams;
    verifyBlobSignature(deps.sasKey, { container, blob, query, need, now: deps.now() });
    return { container, blob };
  };

  app.put('/:container/*', async (request: BlobRequest, reply) => {
    const target = check(request, 'w');
    if (target.container === logContainer) throw notAllowed();
    return put(deps, target, request, reply);
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/:container/*',
    handler: async (request: BlobRequest, reply) => {
      const { container, blob } = check(request, 'r');
      if (container === logContainer) return sendLog(deps, blob, request, reply);
      const properties = await deps.blobs.head(container, blob);
      return sendBytes(request, reply, properties, async ({ start, end }) =>
        deps.blobs.openRead(container, blob, { start, end }),
      );
    },
  });
  app.route({
    method: ['POST', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'],
    url: '/*',
    handler: () => {
      throw notAllowed();
    },
  });
  app.route({
    method: ['GET', 'HEAD', 'PUT'],
    url: '/*',
    handler: () => {
      throw noBlob();
    },
  });
}

/** A path without a container and a blob's name. */
function noBlob(): ServiceError {
  return new ServiceError(400, 'InvalidUri', 'the path must be /{container}/{blob}');
}

function notAllowed(): ServiceError {
  return new ServiceError(
    405,
    'UnsupportedHttpVerb',
    'the resource does not support the specified HTTP verb',
  );
}

async function put(
  { blobs, maxUploadBytes }: BlobDeps,
  { container, blob }: { container: string; blob: string },
  request: BlobRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { comp, blockid } = request.query;
  const options = { maxBytes: maxUploadBytes, ifAbsent: request.headers['if-none-match'] === '*' };
  refuseIfTooLong(request, maxUploadBytes);
  reply.header('x-ms-request-server-encrypted', 'false').header('content-length', '0').code(201);
  if (comp === 'block') {
    if (!blockid || blockid.length > 128)
      throw new ServiceError(400, 'InvalidQueryParameterValue', 'blockid is missing or too long');
    await blobs.putBlock(container, blob, blockid, bodyOf(request), options);
    return reply.send();
  }
  if (comp !== undefined && comp !== 'blocklist') {
    throw new ServiceError(
      400,
      'InvalidQueryParameterValue',
      `comp is ${JSON.stringify(comp)}; it may be block or blocklist`,
    );
  }
  const { etag, lastModified } =
    comp === 'blocklist'
      ? await blobs.commitBlocks(container, blob, parseBlockList(await textOf(request)), options)
      : await blobs.put(container, blob, bodyOf(request), options);
  return reply.header('etag', etag).header('last-modified', lastModified.toUTCString()).send();
}

/** The body. Who stops reading it early leaves the connection whole, so that the answer gets through. */
function bodyOf(request: BlobRequest): AsyncIterable<Buffer> {
  return request.raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>; // no encoding is set
}

/** Says so before the bytes come, where the client tells how many they are. */
function refuseIfTooLong(request: BlobRequest, maxBytes: number): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    throw new ServiceError(413, 'RequestBodyTooLarge', `the request body is larger than ${maxBytes} bytes`);
  }
}

async function textOf(request: BlobRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(request)) {
    size += chunk.length;
    if (size > maxBlockListBytes)
      throw new ServiceError(413, 'RequestBodyTooLarge', 'the block list is larger than 4 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function sendLog(
  { logs }: BlobDeps,
  blob: string,
  request: BlobRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const range = parseRange(headerOf(request, 'x-ms-range') ?? headerOf(request, 'range'));
  const wait = range && 'start' in range ? Number(request.query.wait ?? 0) : 0;
  const waitForChange = async (knownBytes: number, seconds: number): Promise<void> => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const limit = AbortSignal.timeout(Math.min(seconds, maxWaitSeconds) * 1000);
    await logs.waitForChange(blob, knownBytes, AbortSignal.any([gone.signal, limit]));
  };
  if (wait > 0 && range && 'start' in range) await waitForChange(range.start, wait);
  let state = await logs.head(blob);
  if (!state) {
    // A client that finds no log sleeps before it asks again: better to let it wait for the first line.
    await waitForChange(0, firstLineSeconds);
    state = await logs.head(blob);
  }
  if (state?.complete !== undefined) reply.header('x-ms-meta-complete', state.complete);
  return sendBytes(request, reply, state, async ({ start, end }) => logs.read(blob, start, end));
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Answers properties (HEAD), all bytes (200) or a range of them (206). */
async function sendBytes(
  request: FastifyRequest,
  reply: FastifyReply,
  state: LogState | undefined,
  read: (range: { start: number; end: number }) => Promise<AsyncIterable<Uint8Array>>,
): Promise<FastifyReply> {
  if (!state) throw new ServiceError(404, 'BlobNotFound', 'the specified blob does not exist');
  const ifMatch = headerOf(request, 'if-match');
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== state.etag) {
    throw new ServiceError(
      412,
      'ConditionNotMet',
      'the condition specified using HTTP conditional header(s) is not met',
    );
  }
  reply
    .header('etag', state.etag)
    .header('last-modified', state.lastModified.toUTCString())
    .header('accept-ranges', 'bytes')
    .header('x-ms-blob-type', 'BlockBlob')
    .header('x-ms-lease-status', 'unlocked')
    .header('x-ms-creation-time', state.lastModified.toUTCString())
    .type('application/octet-stream');
  if (request.method === 'HEAD') return reply.header('content-length', state.sizeBytes).send();
  const range = parseRange(headerOf(request, 'x-ms-range') ?? headerOf(request, 'range'));
  if (!range && state.sizeBytes === 0) return reply.header('content-length', 0).send();
  const { start, end } = resolveRange(range ?? { start: 0 }, state.sizeBytes);
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${state.sizeBytes}`);
  return reply.header('content-length', end - start + 1).send(Readable.from(await read({ start, end })));
}
