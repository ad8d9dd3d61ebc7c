export type { BlobBody, BlobProperties, BlobStore, PutOptions, ReadRange } from './blob-store.ts';
export { openFileBlobStore } from './file-blob-store.ts';
export { checkBlobName } from './names.ts';
export { signBlobUrl, verifyBlobSignature, type BlobNeed, type BlobPermissions } from './signature.ts';
