export { sendError as sendBlobError } from './errors.ts';
export { blobRoutes, type BlobDeps } from './routes.ts';
export type { LogSource, LogState } from './log-source.ts';
