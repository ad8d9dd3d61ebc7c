import type { ContainerOptions, Mount } from '../../engine/index.ts';
import { workspaceDirectory, type CmdStep } from '../../taskfile/index.ts';
import { socketHint } from './allowances.ts';
import { findImage } from './find-image.ts';
import { homeDirectory, homePath, volumeDirectory, workingDirectoryIn } from './places.ts';
import { StepFailed } from './step-failed.ts';
import type { StepDeps, Try } from './step-deps.ts';
import { labelsOf, type TaskRun } from './task-run.ts';

/** Where steps have the socket of the engine. */
const socketPath = '/var/run/docker.sock';

/** Finds a cmd step's image. @returns what runs it once. */
export async function prepareCmd(deps: StepDeps, step: CmdStep, signal: AbortSignal): Promise<Try> {
  const { run } = deps;
  const { log, engine } = run;
  const image = await findImage(run, deps.built, step, deps.output, signal);
  return async (number, tail, trySignal) => {
    log.line(`Launching container with name: ${step.id}`);
    const onOutput = (chunk: Buffer): void | Promise<void> => {
      tail.add(chunk);
      return deps.output.write(chunk);
    };
    const options = { ...containerOptions(deps, step, image, number), onOutput, signal: trySignal };
    if (step.isDetached) {
      const container = await engine.startContainer(options);
      deps.detached.push(async () => {
        await container.end();
        deps.output.flush();
      });
      return undefined;
    }
    const { exitCode, isOutOfMemory } = await engine.runContainer({ ...options, isKept: step.isKept });
    deps.output.flush();
    if (exitCode === 0) {
      log.line(`Successfully executed container: ${step.id}`);
      return 0;
    }
    const hint = socketHint(step.id, tail.text(), run.allowances);
    if (hint !== undefined) log.line(hint);
    throw StepFailed.ofExit(exitCode, isOutOfMemory);
  };
}

function containerOptions(deps: StepDeps, step: CmdStep, image: string, number: number): ContainerOptions {
  const { run, networks } = deps;
  const network = networks.get(step.network) ?? step.network;
  const workingDirectory = workingDirectoryIn(step);
  const hasHome = step.environment.some((each) => each.startsWith('HOME='));
  return {
    name: `${run.name}-${deps.index}-${number}-${step.id.replace(/[^\w.-]/g, '_')}`,
    labels: labelsOf(run),
    image,
    command: step.arguments,
    ...(step.entryPoint !== undefined && { entryPoint: step.entryPoint }),
    environment: hasHome ? step.environment : [`HOME=${homePath}`, ...step.environment],
    ...(step.user !== undefined && { user: step.user }),
    ...(workingDirectory !== undefined && { workingDirectory }),
    network,
    networkAliases: ['bridge', 'host', 'none'].includes(network) ? [] : [step.id],
    mounts: mountsOf(run, step),
    ports: step.ports,
    expose: step.expose,
    isPrivileged: step.isPrivileged,
    ...(step.isolation !== undefined && { isolation: step.isolation }),
    ...(step.cpus !== undefined && { cpus: step.cpus }),
    ...(run.limits && { limits: run.limits }),
  };
}

function mountsOf(run: TaskRun, step: CmdStep): Mount[] {
  const mounts: Mount[] = [
    { target: workspaceDirectory, directory: run.sourceDirectory },
    { target: homePath, directory: homeDirectory(run) },
    ...step.volumeMounts.map(({ name, mountPath }) => ({
      target: mountPath,
      directory: volumeDirectory(run, name),
    })),
  ];
  const engineSocket = run.allowances.isDockerSocketAllowed ? run.engine.socketPath : undefined;
  return engineSocket === undefined ? mounts : [...mounts, { target: socketPath, directory: engineSocket }];
}
