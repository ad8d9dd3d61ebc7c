import type Docker from 'dockerode';
import { ServiceError } from '../model/index.ts';
import { runChild, type OnOutput } from './child.ts';

export interface PushOptions {
  /** With registry and tag. */
  readonly image: string;
  readonly imageId: string;
  readonly dockerConfigDirectory: string;
  readonly onOutput: OnOutput;
  readonly signal: AbortSignal;
}

const tagTries = 3;

/**
 * Pushes an image under a name. Runs share the engine's names: when another one moved the name between
 * our tagging and the push, the digest is not our image's, and it is done again.
 * @throws ServiceError 400 `PushFailed` with the registry's reason.
 */
export async function push(
  cli: { program: string; env: NodeJS.ProcessEnv },
  docker: Docker,
  options: PushOptions,
): Promise<{ digest: string }> {
  const { image, imageId, onOutput, signal } = options;
  const repository = image.replace(/:[^/:]*$/, '');
  const tag = image.slice(repository.length + 1);
  for (let tries = 1; tries <= tagTries; tries += 1) {
    await docker.getImage(imageId).tag({ repo: repository, tag });
    let tail = '';
    const code = await runChild(cli.program, ['push', image], {
      env: { ...cli.env, DOCKER_CONFIG: options.dockerConfigDirectory },
      onOutput: (chunk) => {
        tail = (tail + chunk.toString('utf8')).slice(-4096);
        return onOutput(chunk);
      },
      signal,
    });
    if (code !== 0) throw new ServiceError(400, 'PushFailed', `failed to push ${image}: ${lastLine(tail)}`);
    const digest = /digest: (sha256:[0-9a-f]{64})/.exec(tail)?.[1];
    const { RepoDigests: digests } = await docker.getImage(imageId).inspect();
    if (digest !== undefined && digests.includes(`${repository}@${digest}`)) return { digest };
  }
  throw new ServiceError(
    409,
    'PushFailed',
    `failed to push ${image}: other runs move the same name again and again`,
  );
}

function lastLine(output: string): string {
  return output.trim().split(/\r?\n/).at(-1) ?? 'no reason was given';
}
