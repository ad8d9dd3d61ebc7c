// What the tests of this room share: the engine of this machine, and an image with a shell.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { findDockerCli } from './docker-cli.ts';
import { openEngine, type Engine } from './engine.ts';
import type { ContainerOptions } from './containers.ts';

export const docker = new Docker();

/** What a test makes on the engine carries this label, and goes when it ends. */
export const testLabel = 'slipway.test';

export async function openTestEngine(): Promise<Engine> {
  return openEngine({ dockerCli: await findDockerCli(process.env) });
}

/** A name of the test's own; everything that carries it as its label goes when the test ends. */
export function ownName(t: TestContext, engine: Engine): string {
  const name = `slipway-test-${randomBytes(6).toString('hex')}`;
  t.after(() => engine.removeLabelled(testLabel, name));
  return name;
}

/** The file system of an image that has nothing but a static busybox. */
export async function busyboxTar(): Promise<Readable> {
  const tar = pack();
  const busybox = await readFile('/bin/busybox');
  for (const name of ['bin/', 'tmp/', 'etc/']) tar.entry({ name, type: 'directory', mode: 0o1777 });
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, busybox);
  const applets = 'sh cat cp dd echo head id ls mkdir nc ps pwd rm seq sleep tail touch true wget yes';
  for (const name of applets.split(' ')) {
    tar.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' });
  }
  tar.entry({ name: 'etc/not-executable', mode: 0o644 }, 'text\n');
  tar.finalize();
  return Readable.from(tar);
}

export interface BusyboxImage {
  readonly image: string;
  readonly remove: () => Promise<unknown>;
}

/** Imports busybox under a name of its own. `remove()` it at the end. */
export async function importBusybox(on: Docker = docker): Promise<BusyboxImage> {
  const repo = `slipway-test-${randomBytes(6).toString('hex')}`;
  const stream = await on.importImage(await busyboxTar(), { repo, tag: 'v1' });
  for await (const chunk of stream as Readable) void chunk;
  const image = `${repo}:v1`;
  return { image, remove: () => on.getImage(image).remove({ force: true }) };
}

/** A container that does one line of shell and has no network. */
export function shell(image: string, name: string, script: string): ContainerOptions {
  return {
    ...{ name, image, labels: { [testLabel]: name }, command: ['/bin/sh', '-c', script] },
    ...{ environment: [], network: 'none', networkAliases: [], mounts: [], ports: [], expose: [] },
    isPrivileged: false,
  };
}

/** What was printed, as one text. */
export function collector(): { onOutput: (chunk: Buffer) => void; text: () => string } {
  const chunks: Buffer[] = [];
  return {
    onOutput: (chunk) => void chunks.push(Buffer.from(chunk)),
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
