import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { must } from './server.ts';

/**
 * Puts programs in front of those of the machine that write down with which arguments and environment they
 * are called, git's own children included. `env` is for who is to be watched.
 */
export async function recordPrograms(...names: readonly string[]) {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-recorded-'));
  const record = path.join(directory, 'record.txt');
  for (const name of names) {
    const real = (await must('sh', ['-c', `command -v ${name}`])).trim();
    const script = [
      '#!/bin/sh',
      `{ printf '${name}'; printf ' %s' "$@"; echo; env | sed 's/^/${name} /'; } >> ${record}`,
      `GIT_TRACE=${record} exec ${real} "$@"`,
    ];
    await writeFile(path.join(directory, name), `${script.join('\n')}\n`, { mode: 0o755 });
  }
  return {
    env: { PATH: `${directory}:${process.env.PATH}` },
    lines: async (): Promise<string[]> => (await readFile(record, 'utf8')).split('\n'),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
