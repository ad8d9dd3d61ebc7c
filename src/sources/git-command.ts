import { explainGit, type FailedFetch } from './git-failure.ts';
import { runGit, type GitResult, type GitRun } from './git-process.ts';

/** git in one working tree, for one repository. */
export interface Git {
  readonly directory: string;
  readonly fetch: FailedFetch;
  readonly signal: AbortSignal | undefined;
  run(args: readonly string[], more?: Partial<GitRun>): Promise<GitResult>;
  /** Answers its output. @throws ServiceError 400 `SourceFetchFailed` when git fails */
  must(args: readonly string[], more?: Partial<GitRun>): Promise<string>;
  /** git in another working tree, for another repository. */
  at(directory: string, fetch: FailedFetch): Git;
}

export function createGit(base: GitRun, fetch: FailedFetch): Git {
  const run = (args: readonly string[], more: Partial<GitRun> = {}) => runGit(args, { ...base, ...more });
  return {
    directory: base.cwd,
    fetch,
    signal: base.signal,
    run,
    async must(args, more) {
      const result = await run(args, more);
      if (!result.isSuccess) throw explainGit(result.stderr, fetch);
      return result.stdout.trim();
    },
    at: (directory, other) => createGit({ ...base, cwd: directory }, other),
  };
}
