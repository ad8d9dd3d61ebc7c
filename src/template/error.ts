import { ServiceError } from '../model/index.ts';

/** What is wrong in an expression; whoever knows where it stands turns it into `invalidTemplate`. */
export class ExpressionError extends Error {}

/** A value that only the service can give: a resource as it is, or what a `list…` action answers. */
export interface Lookup {
  readonly method: 'GET' | 'POST';
  /** Path of the resource, or of the action on it. */
  readonly path: string;
  readonly apiVersion: string;
}

export function lookupKey({ method, path, apiVersion }: Lookup): string {
  return `${method} ${path.toLowerCase()}?${apiVersion}`;
}

/** Thrown where an expression needs a value that is not known yet. Fetch it and evaluate again. */
export class LookupNeeded extends Error {
  readonly lookup: Lookup;

  constructor(lookup: Lookup) {
    super(`${lookup.method} ${lookup.path} is not known yet`);
    this.lookup = lookup;
  }
}

/** The error of ARM for a template that is wrong at `path`, such as `resources[0].properties.x`. */
export function invalidTemplate(path: string, message: string): ServiceError {
  const at = path === '' ? '' : ` at '${path}'`;
  return new ServiceError(
    400,
    'InvalidTemplate',
    `Deployment template validation failed${at}: ${message}.`,
    path === '' ? {} : { target: path },
  );
}

/** Does the work; what is wrong in an expression is told with its place in the template. */
export function at<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ExpressionError ? invalidTemplate(path, error.message) : error;
  }
}

/** A value in a message, cut short. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
