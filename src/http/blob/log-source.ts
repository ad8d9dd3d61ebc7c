/** A log as a blob: its length now, and how its run ended once it has. */
export interface LogState {
  readonly sizeBytes: number;
  readonly lastModified: Date;
  /** The same for the whole life of the log, quoted. */
  readonly etag: string;
  readonly complete?: string;
}

/** The logs of runs: the read-only blobs of the container `logs`. */
export interface LogSource {
  /** Undefined while there is no log. */
  head(blob: string): Promise<LogState | undefined>;
  /** Bytes from `start` to `end`, both included. */
  read(blob: string, start: number, end: number): AsyncIterable<Uint8Array>;
  /** Resolves when the log is longer than that or complete, or when the signal aborts. */
  waitForChange(blob: string, knownBytes: number, signal: AbortSignal): Promise<void>;
}
