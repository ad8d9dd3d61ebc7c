import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../../model/index.ts';
import { copyDirectory, resolveInside } from '../../sources/index.ts';
import { workspaceDirectory, type BuildStep, type CmdStep, type Task } from '../../taskfile/index.ts';
import type { TaskRun } from './task-run.ts';

/** `HOME` of steps. */
export const homePath = '/acb/home';

export function homeDirectory({ directory }: TaskRun): string {
  return path.join(directory, 'home');
}

/** Credentials for builds and pushes. Not the one in the steps' home: what a step writes there must not run here. */
export function dockerConfigDirectory({ directory }: TaskRun): string {
  return path.join(directory, 'docker');
}

/** Writes the files of the task's volumes. Nobody else reads them: the run's directory is its own. */
export async function makeVolumes(run: TaskRun, task: Task): Promise<void> {
  for (const { name, secret } of task.volumes) {
    const directory = volumeDirectory(run, name);
    await mkdir(directory, { recursive: true });
    for (const [file, content] of Object.entries(secret)) {
      await writeFile(path.join(directory, plainName(file)), Buffer.from(content, 'base64'), { flag: 'wx' });
    }
  }
}

/** The directory of this machine that is a volume in steps. */
export function volumeDirectory({ directory }: TaskRun, name: string): string {
  return path.join(directory, 'volumes', plainName(name));
}

/** Where a cmd step starts; undefined leaves it to the image. */
export function workingDirectoryIn(step: CmdStep): string | undefined {
  if (step.isWorkingDirectoryKept) return undefined;
  return path.posix.resolve(workspaceDirectory, step.workingDirectory ?? '.');
}

/**
 * The real path on this machine of what a build step names: in the workspace, the home or a volume that it
 * mounts. Undefined when nothing is there.
 * @throws ServiceError 400 `InvalidPath` for a path elsewhere.
 */
export async function pathOnMachine(
  run: TaskRun,
  step: BuildStep,
  name: string,
): Promise<string | undefined> {
  const full = path.posix.resolve(workspaceDirectory, step.workingDirectory ?? '.', name);
  const places = [
    ...step.volumeMounts.map((mount) => [mount.mountPath, volumeDirectory(run, mount.name)] as const),
    [workspaceDirectory, run.sourceDirectory] as const,
    [homePath, homeDirectory(run)] as const,
  ];
  for (const [begin, directory] of places) {
    const relative = path.posix.relative(begin, full);
    if (relative !== '..' && !relative.startsWith('../')) return resolveInside(directory, relative);
  }
  throw new ServiceError(
    400,
    'InvalidPath',
    `${JSON.stringify(name)} lies outside of the workspace (${workspaceDirectory}), the home (${homePath}) and the volumes of step ${step.id}`,
  );
}

/**
 * The run with copies of what a build step may read, below a directory: the docker client goes by paths, which
 * the containers of other steps could lead out of the workspace while it reads. Where there is no /proc, and
 * with it no safe way to copy, it is the run itself.
 */
export async function withCopies(
  run: TaskRun,
  { command, volumeMounts }: BuildStep,
  directory: string,
  signal: AbortSignal,
): Promise<TaskRun> {
  if (process.platform !== 'linux') return run;
  const copied = { ...run, directory, sourceDirectory: path.join(directory, 'workspace') };
  await copyDirectory(run.sourceDirectory, copied.sourceDirectory, signal);
  if (command.secrets.some(({ source }) => source?.startsWith('/'))) {
    await copyDirectory(homeDirectory(run), homeDirectory(copied), signal);
  }
  for (const { name } of volumeMounts) {
    await copyDirectory(volumeDirectory(run, name), volumeDirectory(copied, name), signal);
  }
  return copied;
}

function plainName(name: string): string {
  if (name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name)) return name;
  throw new ServiceError(
    400,
    'InvalidVolume',
    `${JSON.stringify(name)} is no name of a volume or of a file in it`,
  );
}
