import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { ServiceError } from '../../model/index.ts';
import { findProgram, runHere } from './programs.ts';
import { say } from './say.ts';

/** A program that something needs, the Debian package that has it, and what it is for. */
export interface Need {
  readonly program: string;
  readonly package: string;
  readonly purpose: string;
}

export const needs = {
  docker: {
    program: 'dockerd',
    package: 'docker.io',
    purpose: 'builds images (Docker engine with BuildKit)',
  },
  registry: {
    program: 'docker-registry',
    package: 'docker-registry',
    purpose: 'keeps the images (CNCF distribution)',
  },
  git: { program: 'git', package: 'git', purpose: 'fetches sources' },
  gitLfs: { program: 'git-lfs', package: 'git-lfs', purpose: 'fetches files that sources keep in Git LFS' },
  busybox: {
    program: 'busybox',
    package: 'busybox-static',
    purpose: 'base image of the example, without a network',
  },
  az: { program: 'az', package: 'azure-cli', purpose: 'client that the tests use' },
  postgresql: {
    program: 'initdb',
    package: 'postgresql',
    purpose: 'state outside of the server, for the tests',
  },
  chromium: {
    program: 'chromium',
    package: 'chromium',
    purpose: 'browser in which the tests open the portal',
  },
} as const satisfies Record<string, Need>;

/** Those whose program is not there. */
export async function missing(all: readonly Need[]): Promise<Need[]> {
  const found = await Promise.all(all.map(async (need) => ((await isThere(need)) ? [] : [need])));
  return found.flat();
}

async function isThere(need: Need): Promise<boolean> {
  // Debian keeps PostgreSQL's programs in a folder of its version.
  if (need.program === 'initdb') return existsSync('/usr/lib/postgresql');
  return (await findProgram(need.program)) !== undefined;
}

/**
 * Installs what is missing through apt, and says so; no service of theirs is started.
 * @throws ServiceError with the exact commands where it cannot.
 */
export async function ensurePrograms(all: readonly Need[]): Promise<void> {
  const wanted = await missing(all);
  if (wanted.length === 0) return;
  const names = wanted.map((need) => need.package);
  const commands = ['apt-get update', `apt-get install -y --no-install-recommends ${names.join(' ')}`];
  const list = wanted.map((need) => `  ${need.package}: ${need.purpose}`).join('\n');
  if (!(await findProgram('apt-get'))) {
    const message = `this machine lacks the following, which Slipway can install only where there is apt:\n${list}`;
    throw new ServiceError(503, 'ProgramsMissing', message);
  }
  if (process.getuid?.() !== 0) {
    const typed = commands.map((command) => `  sudo ${command}`).join('\n');
    throw new ServiceError(
      503,
      'ProgramsMissing',
      `this machine lacks:\n${list}\nInstall them, then run this again:\n${typed}`,
    );
  }
  say(`Installing with apt:\n${list}`);
  await withoutStartingServices(async () => {
    for (const command of commands) {
      const [program = '', ...args] = command.split(' ');
      const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0', ...args];
      const code = await runHere(program, quiet, { ...process.env, DEBIAN_FRONTEND: 'noninteractive' });
      if (code !== 0)
        throw new ServiceError(503, 'InstallFailed', `"${command}" failed with exit code ${code}`);
    }
  });
}

/** Debian's own way: packages ask `policy-rc.d` whether they may start their services. */
async function withoutStartingServices(work: () => Promise<void>): Promise<void> {
  const file = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(file);
  if (isOurs) await writeFile(file, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await work();
  } finally {
    if (isOurs) await rm(file, { force: true });
  }
}
