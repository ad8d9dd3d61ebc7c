import { Agent, request } from 'node:https';
import { connect } from 'node:tls';
import { buffer } from 'node:stream/consumers';

/** Who is spoken to; each has errors of its own shape. */
export type Face = 'arm' | 'login' | 'agents' | 'blob' | 'oci';

export interface HostileRequest {
  readonly face: Face;
  readonly method: string;
  /** As it goes on the wire. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: Buffer;
}

export interface HostileAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Target {
  readonly ca: string;
  readonly port: number;
}

/** Far more than any answer takes. */
export const deadlineMs = 30_000;

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** Sends a request as it is. Undefined when the connection was closed before all of its body was read. */
export function send({ ca, port }: Target, asked: HostileRequest): Promise<HostileAnswer | undefined> {
  const { method, path, body } = asked;
  const headers = { ...asked.headers, ...(body && { 'content-length': `${body.length}` }) };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: 'localhost', port, servername: 'localhost', ca, agent, method, path, headers },
      (response) => {
        buffer(response).then(
          (bytes) =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: bytes.toString('utf8'),
            }),
          reject,
        );
      },
    );
    outgoing.setTimeout(deadlineMs, () => outgoing.destroy(new Error(`no answer in ${deadlineMs} ms`)));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const isClosed = error.code === 'EPIPE' || error.code === 'ECONNRESET';
      // A request that cannot be read is answered as if it were no HEAD.
      const isOddHead = method === 'HEAD' && error.code?.startsWith('HPE_');
      if (isOddHead || (isClosed && (body?.length ?? 0) > 1024 * 1024)) resolve(undefined);
      else reject(error);
    });
    outgoing.end(body);
  });
}

/** Writes bytes that are hardly HTTP and answers what came back before the connection was closed. */
export function sendRaw({ ca, port }: Target, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ host: 'localhost', port, servername: 'localhost', ca }, () => socket.end(bytes));
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection stays open for ${deadlineMs} ms`));
    }, deadlineMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve(text);
    };
    socket.on('close', done).on('error', done);
  });
}
