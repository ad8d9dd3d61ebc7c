import { messageOf } from '../model/index.ts';
import { readBuildCommand } from './build-command.ts';
import { stepEnvironment } from './environment.ts';
import type { Fields } from './fields.ts';
import { parseImageReference } from './image-reference.ts';
import { stepNetwork, type Networks } from './networks.ts';
import { splitShellWords } from './shell-words.ts';
import type { BuildStep, CmdStep, PushStep, Step, StepBase, TaskVolume } from './task.ts';
import { readMounts } from './volumes.ts';

/** What the task says for all its steps. */
export interface TaskDefaults {
  readonly environment: readonly string[];
  readonly workingDirectory: string | undefined;
  readonly stepTimeoutSeconds: number;
  readonly networks: Networks;
  readonly volumes: readonly TaskVolume[];
  /** Aliases that may be the first word of a `cmd` without `$`. */
  readonly words: ReadonlyMap<string, string>;
}

const defaultDelaySeconds = 5;

/** The id of a step that has none is that of its place. */
export function stepId(step: Fields, index: number): string {
  return step.text('id') || `acb_step_${index}`;
}

/** One step; which steps it waits for is known beforehand. */
export function readStep(step: Fields, id: string, dependsOn: readonly string[], task: TaskDefaults): Step {
  const kind = kindOf(step, id);
  const base = readBase(step, id, dependsOn, task);
  // Every property is asked for, whatever the kind: one that another kind would use is known, too.
  const properties = {
    entryPoint: step.text('entryPoint') || undefined,
    user: step.text('user') || undefined,
    isolation: step.text('isolation') || undefined,
    cpus: readCpus(step),
    ports: step.texts('ports'),
    expose: step.texts('expose'),
    isDetached: step.flag('detach') ?? false,
    isPrivileged: step.flag('privileged') ?? false,
    isWorkingDirectoryKept: step.flag('disableWorkingDirectoryOverride') ?? false,
    isPulled: step.flag('pull') ?? false,
    downloadRetries: count(step, 'cmdDownloadRetries', 'downloadRetries') ?? 0,
    downloadRetryDelaySeconds:
      count(step, 'cmdDownloadRetryDelay', 'downloadRetryDelay') || defaultDelaySeconds,
    isCacheEnabled: readCache(step),
    volumeMounts: readMounts(step, task.volumes),
  };
  if (kind === 'push' && properties.volumeMounts.length > 0)
    step.fail('volumeMounts', `is given for step ${id}, which pushes; only cmd and build steps have mounts`);
  const { cpus, isPulled, volumeMounts, isCacheEnabled, ...ofCmd } = properties;
  if (kind === 'push') return { ...base, kind, images: readImages(step, id) } satisfies PushStep;
  if (kind === 'build') {
    const command = readBuildCommand(step.text('build') ?? '', {
      workingDirectory: base.workingDirectory,
      fail: (what) => step.fail('build', `of step ${id} ${what}`),
      warn: (what) => step.warn('build', `of step ${id} ${what}`),
    });
    const build: BuildStep = { ...base, kind, command, isCacheEnabled, isPulled, volumeMounts };
    return cpus === undefined ? build : { ...build, cpus };
  }
  const { entryPoint, user, isolation, ...rest } = ofCmd;
  return {
    ...base,
    kind,
    ...readCommand(step, id, task.words),
    ...rest,
    isPulled,
    volumeMounts,
    ...(entryPoint !== undefined && { entryPoint }),
    ...(user !== undefined && { user }),
    ...(isolation !== undefined && { isolation }),
    ...(cpus !== undefined && { cpus }),
  } satisfies CmdStep;
}

function kindOf(step: Fields, id: string): Step['kind'] {
  const kinds = (['cmd', 'build', 'push'] as const).filter((kind) =>
    kind === 'push' ? step.has('push') && step.texts('push').length > 0 : step.text(kind),
  );
  const [kind] = kinds;
  if (kind !== undefined && kinds.length === 1) return kind;
  return kind === undefined
    ? step.fail('cmd', `is missing: step ${id} must have a cmd, build or push property`)
    : step.fail(kind, `of step ${id} stands beside ${kinds.slice(1).join(' and ')}; a step has one of them`);
}

function readBase(step: Fields, id: string, dependsOn: readonly string[], task: TaskDefaults): StepBase {
  const workingDirectory = step.text('workingDirectory') || task.workingDirectory;
  return {
    id,
    dependsOn,
    exitedWith: step.integers('exitedWith'),
    exitedWithout: step.integers('exitedWithout'),
    environment: stepEnvironment(step, task.environment),
    ...(workingDirectory !== undefined && { workingDirectory }),
    timeoutSeconds: atLeastZero(step, 'timeout') || task.stepTimeoutSeconds,
    startDelaySeconds: atLeastZero(step, 'startDelay'),
    retries: count(step, 'retries') ?? 0,
    retryDelaySeconds: atLeastZero(step, 'retryDelay') || defaultDelaySeconds,
    retryOnErrors: step.texts('retryOnErrors'),
    repeat: count(step, 'repeat') ?? 0,
    areErrorsIgnored: step.flag('ignoreErrors') ?? false,
    isKept: step.flag('keep') ?? false,
    network: stepNetwork(step, task.networks),
  };
}

/** A time below zero is none, as the reference takes it. */
function atLeastZero(step: Fields, name: string): number {
  return Math.max(step.integer(name) ?? 0, 0);
}

/** The first of the names that is given. */
function count(step: Fields, ...names: string[]): number | undefined {
  const given = names.map((name) => ({ name, value: step.integer(name) }));
  const found = given.find(({ value }) => value !== undefined);
  if (found?.value !== undefined && found.value < 0)
    step.fail(found.name, `is ${found.value}; it must be 0 or more`);
  return found?.value;
}

function readCpus(step: Fields): number | undefined {
  const text = step.text('cpus');
  if (text === undefined || text === '') return undefined;
  const cpus = Number(text);
  if (!(cpus > 0 && cpus < Infinity))
    step.fail('cpus', `is ${JSON.stringify(text)}; it must be a number of CPUs, such as 0.5`);
  return cpus;
}

function readCache(step: Fields): boolean {
  const cache = step.text('cache')?.toLowerCase() ?? '';
  if (!['', 'enabled', 'disabled'].includes(cache))
    step.fail('cache', `is ${JSON.stringify(cache)}; it must be enabled or disabled`);
  return cache === 'enabled';
}

function readCommand(
  step: Fields,
  id: string,
  aliases: ReadonlyMap<string, string>,
): { image: string; arguments: readonly string[] } {
  const line = (step.text('cmd') ?? '').trim();
  const word = /^\S+/.exec(line)?.[0] ?? '';
  const alias = aliases.get(word);
  const [image, ...words] = splitShellWords(
    alias === undefined ? line : `${alias}${line.slice(word.length)}`,
    `${step.path}.cmd`,
  );
  if (image === undefined || image === '') return step.fail('cmd', `of step ${id} names no image`);
  if (image.startsWith('-'))
    step.fail(
      'cmd',
      `of step ${id} begins with ${image}; it must begin with an image: flags of docker run are properties of the step`,
    );
  return { image, arguments: words };
}

function readImages(step: Fields, id: string): string[] {
  const images = step.texts('push').map((image) => {
    try {
      const { tag, digest } = parseImageReference(image);
      const isTagged = image.slice(image.lastIndexOf('/') + 1).includes(':');
      return tag !== undefined && digest === undefined && !isTagged ? `${image}:${tag}` : image;
    } catch (error) {
      return step.fail('push', `of step ${id}: ${messageOf(error)}`);
    }
  });
  return [...new Set(images)];
}
