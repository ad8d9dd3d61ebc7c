import { randomUUID } from 'node:crypto';
import { access, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { inspectImage } from './images.ts';
import { removeContainer } from './removal.ts';

/** Empties a directory of this machine, through the engine where this user may not. */
export async function emptyDirectory(docker: Docker, directory: string): Promise<void> {
  try {
    for (const name of await readdir(directory)) {
      await rm(path.join(directory, name), { recursive: true, force: true });
    }
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await emptyThroughEngine(docker, directory);
  }
}

const toolImage = 'slipway.invalid/empty:1';
const toolDirectories = ['/bin', '/lib', '/lib64', '/usr'];

/** Runs the machine's own `find` as the engine's root, in a container that sees nothing else of the machine. */
export async function emptyThroughEngine(docker: Docker, directory: string): Promise<void> {
  const image = await makeEmptyImage(docker);
  const target = '/emptied';
  const container = await docker.createContainer({
    name: `slipway-empty-${randomUUID()}`,
    Image: image,
    Cmd: ['/usr/bin/find', target, '-mindepth', '1', '-delete'],
    User: '0',
    HostConfig: {
      NetworkMode: 'none',
      LogConfig: { Type: 'json-file', Config: { 'max-size': '64k' } },
      Mounts: [
        { Type: 'bind', Source: directory, Target: target },
        ...(await present(toolDirectories)).map(
          (each) => ({ Type: 'bind', Source: each, Target: each, ReadOnly: true }) as const,
        ),
      ],
    },
  });
  try {
    await container.start();
    const { StatusCode: exitCode } = (await container.wait()) as { StatusCode: number };
    if (exitCode === 0) return;
    const log = await container.logs({ stdout: true, stderr: true });
    throw new Error(`could not empty ${directory}: ${log.subarray(8).toString('utf8').trim()}`);
  } finally {
    await removeContainer(docker, container.id);
  }
}

/** An image with no file in it. */
async function makeEmptyImage(docker: Docker): Promise<string> {
  const found = await inspectImage(docker, toolImage);
  if (found) return found.Id;
  const emptyTar = Buffer.alloc(1024);
  const [repo, tag] = toolImage.split(':');
  const progress = (await docker.importImage(Readable.from([emptyTar]), { repo, tag })) as Readable;
  let said = '';
  for await (const chunk of progress) said += String(chunk);
  const made = await inspectImage(docker, toolImage);
  if (made) return made.Id;
  throw new Error(`the engine could not import an empty image: ${said}`);
}

async function present(directories: readonly string[]): Promise<string[]> {
  const checks = directories.map((each) =>
    access(each).then(
      () => [each],
      () => [],
    ),
  );
  return (await Promise.all(checks)).flat();
}
