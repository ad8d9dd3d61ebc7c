import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../model/index.ts';

/** Flags of docker build that neither read nor write anything of this machine. */
const anyClient = ['ulimit', 'shm-size'];
const buildxOnly = ['annotation', 'attest', 'build-context', 'no-cache-filter', 'provenance', 'sbom'];

/**
 * Checks flags that are passed on as they were written (`--name=value`), and leads named contexts to where
 * they are in the workspace.
 * @throws ServiceError 400 `InvalidArgument`
 */
export async function checkOtherFlags(
  flags: readonly string[],
  hasBuildx: boolean,
  contextDirectory: string,
  workspaceDirectory: string,
): Promise<string[]> {
  const checked: string[] = [];
  for (const flag of flags) {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/s.exec(flag) ?? [];
    if (!anyClient.includes(name) && !buildxOnly.includes(name)) {
      throw invalid(`a build cannot have ${flag}`);
    }
    if (buildxOnly.includes(name) && !hasBuildx) {
      throw invalid(`the docker client of the agent does not know --${name}; install docker-buildx there`);
    }
    checked.push(
      name === 'build-context'
        ? `--${name}=${await namedContext(value, contextDirectory, workspaceDirectory)}`
        : flag,
    );
  }
  return checked;
}

/** `name=path`, relative to the context, or `name=URL`. */
async function namedContext(
  text: string,
  contextDirectory: string,
  workspaceDirectory: string,
): Promise<string> {
  const at = text.indexOf('=');
  const source = text.slice(at + 1);
  if (/^(https?|docker-image):\/\//i.test(source)) return text;
  const workspace = await realpath(workspaceDirectory);
  const found = await realpath(path.resolve(contextDirectory, source)).catch(() => undefined);
  if (found === workspace || found?.startsWith(`${workspace}${path.sep}`)) {
    return `${text.slice(0, at)}=${found}`;
  }
  throw invalid(`the build context ${text} is not in the workspace`);
}

function invalid(message: string): ServiceError {
  return new ServiceError(400, 'InvalidArgument', message);
}
