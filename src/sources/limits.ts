/** What an archive may grow to. */
export interface SourceLimits {
  /** Bytes of the unpacked archive or checked-out repository; default 8 GiB. */
  readonly maxTotalBytes: number;
  /** Entries, folders that only a path names included; default 500 000. */
  readonly maxEntries: number;
  /** Unpacked to compressed size, looked at from 64 MiB unpacked on; default 1000. */
  readonly maxRatio: number;
  /** Bytes of one name or link target; default 4096 (Linux's PATH_MAX). */
  readonly maxPathLength: number;
}

export const DEFAULT_LIMITS: SourceLimits = {
  maxTotalBytes: 8 * 1024 ** 3,
  maxEntries: 500_000,
  maxRatio: 1000,
  maxPathLength: 4096,
};

/** Below this many unpacked bytes the ratio says nothing: an empty file's zeros pack as well as a bomb. */
export const RATIO_CHECKED_FROM_BYTES = 64 * 1024 ** 2;

/** Bytes of all names and link targets together: they are held in memory while an archive is unpacked. */
export const MAX_NAME_BYTES = 256 * 1024 ** 2;

export function withDefaults(limits: Partial<SourceLimits> | undefined): SourceLimits {
  return { ...DEFAULT_LIMITS, ...limits };
}
