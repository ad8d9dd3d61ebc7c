import { taskEnvironment } from './environment.ts';
import { openRoot } from './fields.ts';
import { readNetworks } from './networks.ts';
import { readStep, stepId } from './read-step.ts';
import { refuse } from './refuse.ts';
import { readSecrets } from './secrets.ts';
import { dependenciesOf } from './step-graph.ts';
import type { Task } from './task.ts';
import { checkVersion } from './version.ts';
import { readVolumes } from './volumes.ts';
import { parseYaml } from './yaml.ts';

export interface ReadTask {
  readonly task: Task;
  /** What has no effect, such as a property that is not known; for the run's log. */
  readonly warnings: readonly string[];
}

const defaultStepTimeoutSeconds = 600;

/**
 * A rendered task file as a task: defaults filled in, checked, its graph known.
 * @param name is what errors call the file.
 * @param words are the aliases that may be the first word of a `cmd` without `$`.
 * @throws ServiceError 400 `InvalidTaskFile`; its target is the member, and its message says the line.
 */
export function readTask(
  rendered: string,
  name: string,
  words: ReadonlyMap<string, string> = new Map(),
): ReadTask {
  const warnings: string[] = [];
  const yaml = parseYaml(rendered, name);
  if (yaml.isFirstOfMany) warnings.push(`${name} has more than one YAML document; the first one counts`);
  const root = openRoot(yaml, name, warnings);
  const version = checkVersion(root.text('version') ?? '');
  if (root.has('alias')) root.warn('alias', 'has no effect; aliases need the line "version: v1.1.0"');
  const networks = readNetworks(root);
  const volumes = readVolumes(root);
  const defaults = {
    environment: taskEnvironment(root),
    workingDirectory: root.text('workingDirectory') || undefined,
    stepTimeoutSeconds: Math.max(root.integer('stepTimeout') ?? 0, 0) || defaultStepTimeoutSeconds,
    networks,
    volumes,
    words,
  };
  const written = root.maps('steps').map((fields, index) => ({
    fields,
    id: stepId(fields, index),
    when: fields.texts('when'),
  }));
  if (!root.mentions('steps')) refuse(`${name} is no task: it has no steps`, 'steps');
  if (written.length === 0) warnings.push(`${name} has no steps; the run does nothing`);
  const secrets = readSecrets(root);
  root.end();
  const dependencies = dependenciesOf(written);
  const steps = written.map(({ fields, id }) => {
    const step = readStep(fields, id, dependencies.get(id) ?? [], defaults);
    fields.end();
    return step;
  });
  const isJoined = (network: string): boolean => steps.some((step) => step.network === network);
  return {
    task: {
      version,
      steps,
      // The network that came of itself is not made for nothing.
      networks: networks.networks.filter(
        (network) =>
          !networks.isDefaultAdded || network.name !== networks.defaultName || isJoined(network.name),
      ),
      volumes,
      secrets,
    },
    warnings,
  };
}
