import { createHash } from 'node:crypto';
import { ServiceError } from '../model/index.ts';

const containerName = /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/;
const maxBlobNameLength = 1024;
const maxBlockIdBytes = 64;

/**
 * Refuses names that Azure Blob storage refuses, and all that could mean something else to a file
 * system or a URL: control characters, backslashes, empty and dot segments.
 * @throws ServiceError 400 `InvalidResourceName` (container), 400 `InvalidUri` (blob).
 */
export function checkBlobName(container: string, blob: string): void {
  checkContainerName(container);
  const isSane =
    blob.length >= 1 &&
    blob.length <= maxBlobNameLength &&
    blob.isWellFormed() &&
    !/[\u0000-\u001f\u007f\\]/.test(blob) &&
    !blob.split('/').some((segment) => segment === '' || segment === '.' || segment === '..');
  if (isSane) return;
  throw new ServiceError(
    400,
    'InvalidUri',
    `${quoted(blob)} is no name for a blob: it must have 1 to ${maxBlobNameLength} characters, no control ` +
      `characters, no backslash, and no empty, "." or ".." segment between its slashes`,
  );
}

/** @throws ServiceError 400 `InvalidResourceName`. */
export function checkContainerName(container: string): void {
  if (containerName.test(container)) return;
  throw new ServiceError(
    400,
    'InvalidResourceName',
    `${quoted(container)} is no name for a container: it must have 3 to 63 lower-case letters, digits and ` +
      `single hyphens between them`,
  );
}

/** @throws ServiceError 400 `InvalidBlockId`. */
export function checkBlockId(blockId: string): void {
  const bytes = Buffer.from(blockId, 'base64');
  const isSane = bytes.length >= 1 && bytes.length <= maxBlockIdBytes && bytes.toString('base64') === blockId;
  if (isSane) return;
  throw new ServiceError(
    400,
    'InvalidBlockId',
    `${quoted(blockId)} is no block id: it must be base64 of 1 to ${maxBlockIdBytes} bytes`,
  );
}

/** A file name that is safe whatever was hashed, and the same length for all. */
export function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}
