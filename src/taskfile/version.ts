import { refuse } from './refuse.ts';

const versions = ['1.0-preview-1', 'v1.0.0', 'v1.1.0'] as const;
export type TaskVersion = (typeof versions)[number];

const defaultVersion = 'v1.0.0';

/**
 * The version of a task file's text, read before anything else: its first top-level `version:` line, in any
 * case; `v1.0.0` without one.
 * @throws ServiceError 400 `InvalidTaskFile` for any other version.
 */
export function versionOf(text: string): TaskVersion {
  const line = /^\uFEFF?(["']?)version\1[ \t]*:(?<value>.*)$/m.exec(text);
  const value = line?.groups?.value?.replace(/(^|\s)#.*$/, '').trim() ?? '';
  return checkVersion(value.replace(/^(["'])(.*)\1$/, '$2').trim());
}

/** @throws ServiceError 400 `InvalidTaskFile` when there is no such version. */
export function checkVersion(value: string): TaskVersion {
  if (value === '') return defaultVersion;
  return (
    versions.find((version) => version === value.toLowerCase()) ??
    refuse(
      `invalid version specified: ${JSON.stringify(value)}, the current version is "${defaultVersion}"`,
      'version',
    )
  );
}

/** Aliases came with `v1.1.0`; a file of an earlier version is rendered as it is. */
export function hasAliases(version: TaskVersion): boolean {
  return version === 'v1.1.0';
}
