import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../../model/index.ts';

/** Answers an error as the blob service does: XML, and its code in a header. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { statusCode, code, message } = isBrokenOff(request) ? brokenOff : describe(error);
  if (statusCode >= 500) request.log.error({ err: error }, 'a blob request failed');
  const xml =
    '<?xml version="1.0" encoding="utf-8"?>' +
    `<Error><Code>${code}</Code><Message>${escapeXml(`${message}\nRequestId:${request.id}`)}</Message></Error>`;
  return reply
    .code(statusCode)
    .header('x-ms-error-code', code)
    .type('application/xml')
    .send(request.method === 'HEAD' ? undefined : xml);
}

const brokenOff = { statusCode: 400, code: 'InvalidInput', message: 'the request broke off before its end' };

/** Nobody reads the answer then, and it is no fault of ours. */
function isBrokenOff({ raw }: FastifyRequest): boolean {
  return raw.destroyed && !raw.complete;
}

function describe(error: unknown): { statusCode: number; code: string; message: string } {
  if (error instanceof ServiceError) return error;
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  if (statusCode < 500) return { statusCode, code: 'InvalidInput', message };
  return { statusCode: 500, code: 'InternalError', message: 'The server encountered an internal error.' };
}

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
