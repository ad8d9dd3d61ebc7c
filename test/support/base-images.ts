import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { busyboxBase, makeContext } from './context.ts';
import { must, type TestServer } from './server.ts';

/** Where `bash` and `curl` of task files come from on a test server: pass it as its environment. */
export const imageAliases = {
  SLIPWAY_IMAGE_ALIASES:
    'bash={{.Run.Registry}}/base/busybox:latest,curl={{.Run.Registry}}/base/busybox:latest',
} as const;

/**
 * Builds `base/busybox` in the server's registry. @returns its whole name.
 * @param tag another than `latest` is an image that no engine has seen: nothing on it is cached.
 */
export async function pushBusybox(server: TestServer, tag = 'latest'): Promise<string> {
  const context = await makeContext(`${busyboxBase}\nENV TAG=${tag}\nCMD ["sh"]\n`);
  try {
    await slipwayBuild(server, `base/busybox:${tag}`, context.directory);
  } finally {
    await context.remove();
  }
  return `${await loginServerOf(server)}/base/busybox:${tag}`;
}

/** Builds `base/node:latest` from the node that runs us and the libraries it needs. @returns its whole name. */
export async function pushNode(server: TestServer): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-node-'));
  try {
    const libraries = (await must('ldd', [process.execPath])).match(/\/\S+(?= \()/g) ?? [];
    for (const file of libraries) {
      await mkdir(path.join(directory, 'root', path.dirname(file)), { recursive: true });
      await copyFile(file, path.join(directory, 'root', file));
    }
    await copyFile(process.execPath, path.join(directory, 'node'));
    const lines = ['FROM scratch', 'COPY root/ /', 'COPY node /usr/bin/node', 'ENV PATH=/usr/bin'];
    await writeFile(path.join(directory, 'Dockerfile'), `${lines.join('\n')}\n`);
    await slipwayBuild(server, 'base/node:latest', directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return `${await loginServerOf(server)}/base/node:latest`;
}

export async function loginServerOf(server: TestServer): Promise<string> {
  return (await server.clientEnv()).SLIPWAY_LOGIN_SERVER ?? '';
}

async function slipwayBuild(server: TestServer, tag: string, directory: string): Promise<void> {
  const built = await server.slipway(['build', '-t', tag, directory]);
  if (built.code !== 0) throw new Error(`${tag} could not be built:\n${built.stdout}${built.stderr}`);
}
