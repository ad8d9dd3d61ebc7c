import path from 'node:path/posix';

/** Where the workspace is in every step; `.Run.SharedVolume`. */
export const workspaceDirectory = '/workspace';

/**
 * Where a path of a step is, as steps see it; `undefined` when it is outside the workspace. It looks at the
 * text only: links are for who opens it.
 * @param workingDirectory of the step, as it was written: below the workspace unless absolute.
 */
export function workspacePath(workingDirectory: string | undefined, file: string): string | undefined {
  const resolved = path.resolve(workspaceDirectory, workingDirectory ?? '.', file);
  const isInside = resolved === workspaceDirectory || resolved.startsWith(`${workspaceDirectory}/`);
  return isInside ? resolved : undefined;
}

/** A context that is fetched: git, a tar archive, or an artifact of a registry. */
export function isRemoteContext(context: string): boolean {
  return /^(https?|git|ssh|oci):\/\//i.test(context) || /^(git@|github\.com\/)/i.test(context);
}
