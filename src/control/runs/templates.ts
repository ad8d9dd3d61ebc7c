import {
  ServiceError,
  runIdOf,
  type Registry,
  type RunTrigger,
  type RunVariables,
} from '../../model/index.ts';
import {
  parseImageReference,
  qualifyImage,
  renderRunText,
  type RunVariableValues,
} from '../../taskfile/index.ts';
import type { WorkRequest } from '../tasks/task-request.ts';
import { runVariables } from './run-variables.ts';
import { triggerVariables } from './trigger-variables.ts';

/** What only the agent knows, as it might be. */
const anySource: RunVariableValues = {
  Commit: '0123456789abcdef0123456789abcdef01234567',
  Branch: 'main',
  Repository: 'https://git.example.com/team/app.git',
  GitTag: 'v1.0.0',
};

/** What reads a variable whose value only the agent knows. */
const ofAgent = /\b(Commit|Branch|Repository|GitTag|OSVersion|SharedVolume)\b/;

/**
 * Tries the templates of a build with values that might be; secrets are taken as they are.
 * @throws ServiceError 400 `InvalidTemplate`, with the member as its target.
 */
export function checkTemplates(
  registry: Registry,
  request: WorkRequest,
  run: {
    readonly taskName: string | undefined;
    readonly trigger?: RunTrigger | undefined;
    readonly now: Date;
  },
): void {
  if (request.type !== 'DockerBuildRequest') return;
  const { platform } = request;
  const named = { runId: runIdOf(1), taskName: run.taskName, platform, createTime: run.now };
  const values = { ...runVariables(registry, named), ...anySource, ...triggerVariables(run.trigger) };
  const render = (text: string, target: string): string => {
    try {
      return renderRunText(text, values, { name: target, now: run.now, random: () => 0 });
    } catch (error) {
      throw error instanceof ServiceError
        ? new ServiceError(400, error.code, error.message, { target, cause: error })
        : error;
    }
  };
  render(request.dockerFilePath, 'dockerFilePath');
  for (const [index, { value }] of request.arguments.entries()) {
    if (typeof value === 'string') render(value, `arguments[${index}].value`);
  }
  for (const [index, text] of request.imageNames.entries()) {
    const target = `imageNames[${index}]`;
    const name = render(text, target);
    if (name !== text) requireImageName(name, text, target, registry.loginServer);
  }
}

function requireImageName(name: string, text: string, target: string, loginServer: string): void {
  try {
    parseImageReference(qualifyImage(name, loginServer));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const message = `${target} is ${JSON.stringify(text.slice(0, 200))}, which gives no image name: ${error.message}`;
    throw new ServiceError(400, 'InvalidTemplate', message, { target, cause: error });
  }
}

/**
 * The repositories of its own registry to which a run may push: those of a build's images; all (`*`) where
 * they are known only to the agent, as those of a task file are.
 */
export function pushRepositories(
  registry: Registry,
  request: WorkRequest,
  variables: RunVariables,
): readonly string[] {
  if (request.type !== 'DockerBuildRequest') return ['*'];
  const names = request.imageNames.map((text) => knownImage(text, variables));
  if (names.includes(undefined)) return ['*'];
  const own = names
    .map((name = '') => qualifyImage(name, registry.loginServer))
    .filter((name) => name.startsWith(`${registry.loginServer}/`))
    .map((name) => name.slice(registry.loginServer.length + 1));
  return [...new Set(own.map((name) => name.replace(/@.*$/, '').replace(/:[^/]*$/, '')))];
}

/** The image's name, at least up to its tag; undefined when it depends on what only the agent knows. */
function knownImage(text: string, variables: RunVariables): string | undefined {
  if (!text.includes('{{')) return text;
  return rendersAlways(text, variables) ?? rendersAlways(withoutTag(text), variables);
}

/** What the text renders to, if it is the same whatever the source, the time and the random numbers are. */
function rendersAlways(text: string, variables: RunVariables): string | undefined {
  if (ofAgent.test(text)) return undefined;
  const name = 'imageNames';
  try {
    const one = renderRunText(text, variables, { name, now: new Date(0), random: () => 0 });
    const values = { ...variables, ...anySource };
    const other = renderRunText(text, values, { name, now: new Date(1e12), random: (below) => below - 1 });
    return one === other ? one : undefined;
  } catch {
    return undefined; // what is before the tag is no template by itself
  }
}

/** The text without what follows its last colon, unless that is within an action or before a slash. */
function withoutTag(text: string): string {
  return text.replace(/:(?:[^{}:/]|\{\{(?:[^}]|\}(?!\}))*\}\})*$/, '');
}
