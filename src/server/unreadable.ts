import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendArmError } from '../http/arm/index.ts';
import { sendBlobError } from '../http/blob/index.ts';
import { ServiceError } from '../model/index.ts';

const reasons: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not come in time.'],
};

/** Answers bytes that are no HTTP request, in ARM's shape, and closes the connection. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, message] = reasons[error.code ?? ''] ?? [
    '400 Bad Request',
    'This is no valid HTTP request.',
  ];
  const body = JSON.stringify({ error: { code: 'BadRequest', message } });
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

/** Answers a URL that cannot be decoded, in the shape of the face that it is for. */
export function answerBadUrl(isBlobHost: (request: FastifyRequest) => boolean) {
  return (_error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    reply.header('x-ms-request-id', request.id);
    const path = (request.raw.url ?? '').split('?', 1)[0] ?? '';
    const message = `The path ${JSON.stringify(path.slice(0, 500))} is not valid: its percent-encoding is no UTF-8.`;
    const sendError = isBlobHost(request) ? sendBlobError : sendArmError;
    sendError(new ServiceError(400, 'InvalidUri', message), request, reply);
  };
}
