export { copyDirectory } from './copy-directory.ts';
export { fetchArchive, type FetchArchiveOptions } from './archive.ts';
export { resolveInside } from './directory.ts';
export { fetchSource, type FetchedSource, type FetchSourceOptions } from './fetch.ts';
export { fetchGit, type FetchedGit, type FetchGitOptions } from './git.ts';
export { DEFAULT_LIMITS, type SourceLimits } from './limits.ts';
export {
  parseSourceLocation,
  type GitLocation,
  type OciLocation,
  type SourceLocation,
  type TarballLocation,
  type UploadLocation,
} from './location.ts';
export { redactUrl } from './redact.ts';
export { fetchTarball, type FetchTarballOptions } from './tarball.ts';
