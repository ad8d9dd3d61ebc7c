import { ServiceError } from '../model/index.ts';
import { logicalLines, splitWords } from './dockerfile-lines.ts';
import { expandVariables } from './expand.ts';
import { parseImageReference, type ImageReference } from './image-reference.ts';

export interface ScannedDockerfile {
  /** What the built stage stands on; none for `scratch`. */
  readonly runtime: ImageReference | undefined;
  /** What the other stages stand on, each once. */
  readonly buildtime: readonly ImageReference[];
}

interface Stage {
  readonly alias: string | undefined;
  /** As in `FROM`, expanded: an image, or an earlier stage's alias. */
  readonly from: string;
}

/**
 * What a Dockerfile's build depends on. `target` is the stage that is built (an alias or a number;
 * default: the last); build arguments fill the `ARG`s before the first `FROM`, and `platform`
 * (`linux/arm64`) the `TARGET…` variables that BuildKit sets itself.
 * @throws ServiceError 400 for a target that is not there, or a `FROM` that comes to nothing.
 */
export function scanDockerfile(
  text: string,
  options: { target?: string; buildArgs?: Readonly<Record<string, string>>; platform?: string } = {},
): ScannedDockerfile {
  const stages = readStages(text, options.buildArgs ?? {}, options.platform);
  const built = findTarget(stages, options.target);
  if (built === undefined) return { runtime: undefined, buildtime: [] };
  const runtime = originOf(stages, built);
  const buildtime = new Map<string, ImageReference>();
  stages.forEach((stage, index) => {
    const image = index === built || isAlias(stages, index) ? undefined : toImage(stage.from);
    if (image && JSON.stringify(image) !== JSON.stringify(runtime))
      buildtime.set(JSON.stringify(image), image);
  });
  return { runtime, buildtime: [...buildtime.values()] };
}

function readStages(
  text: string,
  buildArgs: Readonly<Record<string, string>>,
  platform: string | undefined,
): Stage[] {
  const values = platform === undefined ? new Map<string, string>() : targetVariables(platform, buildArgs);
  const stages: Stage[] = [];
  for (const line of logicalLines(text)) {
    const [instruction = '', ...rest] = line.split(/\s+/);
    const keyword = instruction.toUpperCase();
    if (keyword === 'ARG' && stages.length === 0) {
      for (const definition of splitWords(line.slice(instruction.length))) {
        const at = definition.indexOf('=');
        const name = at === -1 ? definition : definition.slice(0, at);
        const given = Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined;
        const value =
          given ?? (at === -1 ? undefined : expandVariables(unquote(definition.slice(at + 1)), values));
        if (value !== undefined) values.set(name, value);
      }
    } else if (keyword === 'FROM') {
      const words = rest.filter((word) => !word.startsWith('--'));
      const from = expandVariables(unquote(words[0] ?? ''), values);
      if (from === '') {
        const message = `the Dockerfile's ${JSON.stringify(line)} names no image: an ARG without a value`;
        throw new ServiceError(400, 'InvalidDockerfile', message);
      }
      stages.push({ from, alias: words[1]?.toUpperCase() === 'AS' ? words[2]?.toLowerCase() : undefined });
    }
  }
  return stages;
}

/** What BuildKit says of the platform without an `ARG`; a build argument of that name goes first. */
function targetVariables(platform: string, buildArgs: Readonly<Record<string, string>>): Map<string, string> {
  const [os = '', architecture = '', given] = platform.split('/');
  // As BuildKit normalises it: v8 is what arm64 always is, and v7 what arm is when nobody says.
  const variant = architecture === 'arm64' && given === 'v8' ? undefined : given;
  const values = {
    TARGETPLATFORM: [os, architecture, ...(variant === undefined ? [] : [variant])].join('/'),
    TARGETOS: os,
    TARGETARCH: architecture,
    TARGETVARIANT: variant ?? (architecture === 'arm' ? 'v7' : ''),
  };
  return new Map(
    Object.entries(values).map(([name, value]) => [
      name,
      (Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined) ?? value,
    ]),
  );
}

function unquote(text: string): string {
  return text.replace(
    /"([^"]*)"|'([^']*)'/g,
    (_match, double?: string, single?: string) => double ?? single ?? '',
  );
}

function findTarget(stages: readonly Stage[], target: string | undefined): number | undefined {
  if (stages.length === 0) return undefined;
  if (target === undefined || target === '') return stages.length - 1;
  const named = stages.findLastIndex(({ alias }) => alias === target.toLowerCase());
  if (named !== -1) return named;
  if (/^\d+$/.test(target) && Number(target) < stages.length) return Number(target);
  const names = stages.flatMap(({ alias }) => alias ?? []);
  const has = names.length > 0 ? `its stages are ${names.join(', ')}` : 'its stages have no names';
  throw new ServiceError(
    400,
    'InvalidTarget',
    `the Dockerfile has no stage ${JSON.stringify(target)}; ${has}`,
  );
}

/** The earlier stage that a stage is made from, if any. */
function parentOf(stages: readonly Stage[], index: number): number | undefined {
  const from = stages[index]?.from.toLowerCase();
  const parent = stages.slice(0, index).findLastIndex(({ alias }) => alias !== undefined && alias === from);
  return parent === -1 ? undefined : parent;
}

function isAlias(stages: readonly Stage[], index: number): boolean {
  return parentOf(stages, index) !== undefined;
}

/** The image at the bottom of a stage. */
function originOf(stages: readonly Stage[], index: number): ImageReference | undefined {
  const parent = parentOf(stages, index);
  return parent === undefined ? toImage(stages[index]?.from ?? 'scratch') : originOf(stages, parent);
}

function toImage(name: string): ImageReference | undefined {
  return name.toLowerCase() === 'scratch' ? undefined : parseImageReference(name);
}
