import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Secret } from '../../model/index.ts';
import { writeDockerConfig } from '../../engine/index.ts';
import type { Task } from '../../taskfile/index.ts';
import { makeNetworks } from './networks.ts';
import { dockerConfigDirectory, homeDirectory, makeVolumes } from './places.ts';
import type { TaskRun } from './task-run.ts';

/**
 * Makes what the steps of a task share: home, volumes and networks for those that are containers, and logins.
 * @returns the engine's name for each network of a step.
 */
export async function setUp(run: TaskRun, task: Task): Promise<ReadonlyMap<string, string>> {
  const { log } = run;
  await makeVolumes(run, task);
  let networks: ReadonlyMap<string, string> = new Map();
  const hasContainers = task.steps.some(({ kind }) => kind === 'cmd');
  if (hasContainers) {
    await mkdir(homeDirectory(run), { recursive: true });
    log.line(`Using acb_vol_${randomUUID()} as the home volume`);
    networks = await makeNetworks(run, task);
  }
  log.line('Setting up Docker configuration...');
  const logins = run.logins.map((login) => ({ ...login, password: new Secret(login.password) }));
  await writeDockerConfig(dockerConfigDirectory(run), logins);
  if (hasContainers) await writeDockerConfig(path.join(homeDirectory(run), '.docker'), logins);
  log.line('Successfully set up Docker configuration');
  for (const { registry } of run.logins) {
    log.line(`Logging in to registry: ${registry}`);
    log.line(`Successfully logged into ${registry}`);
  }
  return networks;
}
