import type { Readable } from 'node:stream';

export interface BlobProperties {
  /** Quoted, as HTTP sends it; another one for every put. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** User metadata, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

export type BlobBody = AsyncIterable<Uint8Array>;

export interface PutOptions {
  /** A longer body is refused. */
  readonly maxBytes: number;
  /** Default `application/octet-stream`. */
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Refuse to replace a blob that is there; default false. */
  readonly ifAbsent?: boolean;
}

export interface ReadRange {
  /** First byte; default 0. */
  readonly start?: number;
  /** Last byte, inclusive; default, and at most, the last of the blob. */
  readonly end?: number;
  /** Read only the blob of this tag. */
  readonly ifMatch?: string;
}

/**
 * Bytes under a container and a name. A blob is there whole or not at all; a put replaces it, and who
 * reads the old one reads it to its end. Every method throws ServiceError 400 `InvalidResourceName` for
 * a bad container name and 400 `InvalidUri` for a bad blob name.
 */
export interface BlobStore {
  /**
   * Stores a blob and drops the blocks that were staged for it.
   * @throws ServiceError 413 `RequestBodyTooLarge`, 409 `BlobAlreadyExists` (with `ifAbsent`), and what
   * the body throws; then nothing is left of it.
   */
  put(container: string, blob: string, body: BlobBody, options: PutOptions): Promise<BlobProperties>;
  /**
   * Stages a block; one of the same id is replaced. `blockId` is base64 of 1 to 64 bytes, `maxBytes`
   * counts for all staged blocks of the blob together.
   * @throws ServiceError 400 `InvalidBlockId`, 413 `RequestBodyTooLarge`, 409 `BlockCountExceedsLimit`.
   */
  putBlock(
    container: string,
    blob: string,
    blockId: string,
    body: BlobBody,
    options: { readonly maxBytes: number },
  ): Promise<void>;
  /**
   * Makes a blob of its staged blocks, in this order, and drops all of them. The same commit again is
   * answered as the first was: its answer may have been lost.
   * @throws ServiceError 400 `InvalidBlockList` when one is not staged, and as `put`.
   */
  commitBlocks(
    container: string,
    blob: string,
    blockIds: readonly string[],
    options: PutOptions,
  ): Promise<BlobProperties>;
  head(container: string, blob: string): Promise<BlobProperties | undefined>;
  /**
   * The bytes of a blob; whoever does not read the stream to its end destroys it.
   * @throws ServiceError 404 `BlobNotFound`, 412 `ConditionNotMet`, 416 `InvalidRange`.
   */
  openRead(container: string, blob: string, range?: ReadRange): Promise<Readable>;
  /** Removes a blob and its staged blocks. Answers whether there was a blob. */
  remove(container: string, blob: string): Promise<boolean>;
  /**
   * Removes the blobs (of one container, or of all) last modified before `date`, and all blocks staged
   * before it. Answers how many blobs went.
   */
  sweepOlderThan(date: Date, container?: string): Promise<number>;
}
