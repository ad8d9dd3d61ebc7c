import { messageOf } from '../model/index.ts';

/** The status with which the engine answered; undefined for another error. */
export function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number } | undefined)?.statusCode;
}

/** What the engine says, without what the client and the layers below it put around it. */
export function reasonOf(error: unknown): string {
  const message = messageOf(error)
    .replace(/^\(HTTP code \d+\) [^-]* - /, '')
    .trim();
  return message
    .replace(/^.*unable to start container process: /s, '')
    .replace(/^.*OCI runtime create failed: (runc create failed: )?/s, '')
    .replace(/^.*driver failed programming external connectivity on endpoint \S+ \([0-9a-f]+\): /s, '')
    .replace(/^Error response from daemon: /, '')
    .replace(/: unknown$/, '');
}
