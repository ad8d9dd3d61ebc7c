import type { Place } from './requests.ts';
import type { Face, HostileAnswer, HostileRequest } from './send.ts';

/** What is wrong with an answer to a hostile request; undefined when nothing is. */
export function offenceOf({ face, method }: HostileRequest, answer: HostileAnswer): string | undefined {
  const { status, text, headers } = answer;
  const shown = `${status} ${text.slice(0, 300)}`;
  if (status >= 500) return shown;
  if (Object.hasOwn(headers, 'set-cookie')) return `a header was injected: ${shown}`;
  // Node answers an Expect that it does not know by itself, without a body.
  if (status < 400 || method === 'HEAD' || status === 417) return undefined;
  return shapes[face](text) ? undefined : `no error of the ${face} face: ${shown}`;
}

const shapes: Readonly<Record<Face, (text: string) => boolean>> = {
  arm: isArmError,
  agents: isArmError,
  login: (text) => isArmError(text) || /^\{"error":"\w+","error_description":"/.test(text),
  blob: (text) => /<Error><Code>\w+<\/Code><Message>[^]*<\/Message><\/Error>$/.test(text),
  oci: (text) => {
    if (text === '404 page not found\n') return true; // distribution itself, for a name that is none
    const { errors } = parsed(text) as { errors?: { code?: unknown; message?: unknown }[] };
    return errors?.every(({ code }) => typeof code === 'string') ?? false;
  },
};

function isArmError(text: string): boolean {
  const { error } = parsed(text) as { error?: { code?: unknown; message?: unknown } };
  return typeof error?.code === 'string' && error.code !== '' && typeof error.message === 'string';
}

function parsed(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}

/** Requests that no HTTP client sends. */
export function rawRequests({ registryPath, token }: Place): Buffer[] {
  const head = `Host: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n`;
  const runs = `${registryPath}/runs?api-version=2025-11-01`;
  const post = `POST ${registryPath}/scheduleRun?api-version=2025-11-01 HTTP/1.1\r\n${head}`;
  return [
    'NONSENSE\r\n\r\n',
    `GET ${runs} HTTP/9.9\r\n${head}\r\n`,
    `GET ${runs} HTTP/1.1\r\nConnection: close\r\n\r\n`,
    `GET ${runs}\u0000 HTTP/1.1\r\n${head}\r\n`,
    `GET ${registryPath}/runs/\u00ff\u00fe?api-version=2025-11-01 HTTP/1.1\r\n${head}\r\n`,
    `GET http://evil.example${runs} HTTP/1.1\r\n${head}\r\n`,
    `GET //${runs} HTTP/1.1\r\n${head}\r\n`,
    `GET * HTTP/1.1\r\n${head}\r\n`,
    `OPTIONS * HTTP/1.1\r\n${head}\r\n`,
    `CONNECT localhost:22 HTTP/1.1\r\n${head}\r\n`,
    `GET ${runs} HTTP/1.1\r\n${head}Bad Header: x\r\n\r\n`,
    `GET ${runs} HTTP/1.1\r\n${head}X: a\rb\r\n\r\n`,
    `GET ${runs} HTTP/1.1\r\n${head}Upgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n`,
    `GET ${runs} HTTP/1.1\r\n${head}X: ${'y'.repeat(40_000)}\r\n\r\n`,
    `GET /${'a'.repeat(40_000)} HTTP/1.1\r\n${head}\r\n`,
    `${post}Content-Length: -5\r\n\r\n{}`,
    `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
    `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    `${post}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    `${post}Content-Length: 99999999999999999999\r\n\r\n{}`,
    `${post}Content-Length: 5000000\r\n\r\n`,
    '\u0016\u0003\u0001',
    '\r\n\r\n\r\n',
  ].map((text) => Buffer.from(text, 'latin1'));
}
