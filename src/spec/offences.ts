import { ServiceError, type ErrorDetail } from '../model/index.ts';

/** A value of a request's body, where it stands, and what is wrong with the body so far. */
export interface Place {
  readonly path: string;
  /** The object that holds the value. */
  readonly parent: Readonly<Record<string, unknown>>;
  readonly offences: ErrorDetail[];
  /** Notes an offence of the value: `message` follows its path. */
  refuse(message: string, code?: string): undefined;
}

export function placeAt(path: string, parent: Place['parent'], offences: ErrorDetail[]): Place {
  return {
    path,
    parent,
    offences,
    refuse(message, code = 'InvalidParameter') {
      offences.push({ code, message: `${path} ${message}`, target: path });
    },
  };
}

/** The path of a member: `platform.os`, or `tags["a b"]` where the name is no plain word. */
export function memberPath(path: string, name: string): string {
  if (!/^[\w$-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

/**
 * Refuses a request for its offences, if it has any.
 * @throws ServiceError 400 with the first one's code and target, and all of them in `details`.
 */
export function refuseOffences(offences: readonly ErrorDetail[]): void {
  const [first] = offences;
  if (!first) return;
  const rest = offences.length > 1 ? ` (and ${offences.length - 1} more, see details)` : '';
  throw new ServiceError(400, first.code, `${first.message}${rest}`, {
    target: first.target ?? '',
    details: offences,
  });
}
