import type { StdioOptions } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { glob, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { ServiceError } from '../../model/index.ts';
import { projectDirectory, stateDirectory } from '../paths.ts';
import { ensureEngine } from '../setup/engine.ts';
import { ensurePrograms, needs } from '../setup/packages.ts';
import { runHere } from '../setup/programs.ts';
import { say, step } from '../setup/say.ts';

/** `slipway test`: everything that decides whether a change lands; with files, only those tests. */
export function testCommand(): Command {
  return new Command('test')
    .description('install what the tests need and run all of them, with the checks of style and types')
    .argument('[files...]', 'only these test files')
    .action(test);
}

async function test(files: readonly string[]): Promise<void> {
  await ensurePrograms(Object.values(needs));
  const engine = await ensureEngine();
  const env = { ...process.env, ...engine.env };
  try {
    if (files.length === 0) await check();
    const hasPassed = files.length > 0 ? await runTests(files, env) : await runAllTests(env);
    if (!hasPassed) throw new ServiceError(500, 'TestsFailed', 'there are tests that fail');
    say('All tests passed');
  } finally {
    await engine.stop();
  }
}

/** One file after another. @returns whether all passed */
async function runTests(
  files: readonly string[],
  env: NodeJS.ProcessEnv,
  stdio: StdioOptions = 'inherit',
): Promise<boolean> {
  const options = [
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--test-concurrency=1',
    '--test-timeout=900000',
  ];
  return (await runHere(process.execPath, [...options, ...files], env, stdio)) === 0;
}

/**
 * In two lanes, since most tests wait more than they compute: those of single rooms and those with az, and
 * beside them all others. No az runs beside another, since logging in edits files of the machine.
 */
async function runAllTests(env: NodeJS.ProcessEnv): Promise<boolean> {
  const { beside, first } = await allTests();
  const logFile = path.join(stateDirectory, 'test-beside.log');
  const log = await open(logFile, 'w');
  say(
    `Running ${beside.length} test files of rooms and with az; they are shown after the others: ${logFile}`,
  );
  say(`Running ${first.length} other test files`);
  const results = await Promise.all([
    runTests(first, env),
    runTests(beside, env, ['ignore', log.fd, log.fd]),
  ]);
  await log.close();
  await pipeline(createReadStream(logFile), process.stdout, { end: false });
  return results.every(Boolean);
}

async function check(): Promise<void> {
  const tools = [
    ['Checking the format', 'prettier', '--check', '--log-level', 'warn', '.'],
    ['Checking the style and the rooms', 'eslint', '--max-warnings', '0', '.'],
    ['Checking the types', 'tsc', '--noEmit', '--project', '.'],
    ['Checking the types of the portal', 'tsc', '--noEmit', '--project', 'portal'],
  ] as const;
  process.chdir(projectDirectory);
  const checks = tools.map(([what, tool, ...args]) =>
    step(what, async () => {
      const program = path.join(projectDirectory, 'node_modules', '.bin', tool);
      const code = await runHere(process.execPath, [program, ...args]);
      if (code !== 0) throw new ServiceError(500, 'CheckFailed', `${tool} has complaints; they are above`);
    }),
  );
  await Promise.all(checks);
}

interface TestFiles {
  readonly beside: string[];
  readonly first: string[];
}

async function allTests(): Promise<TestFiles> {
  const files: TestFiles = { beside: [], first: [] };
  const found: string[] = [];
  for await (const file of glob(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd: projectDirectory })) {
    found.push(path.join(projectDirectory, file));
  }
  for (const file of found.sort()) {
    const isOfRoom = file.startsWith(path.join(projectDirectory, 'src', path.sep));
    const isBeside = isOfRoom || (await readFile(file, 'utf8')).includes('support/az.ts');
    files[isBeside ? 'beside' : 'first'].push(file);
  }
  return files;
}
