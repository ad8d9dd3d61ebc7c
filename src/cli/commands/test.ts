import { glob } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { ServiceError } from '../../model/index.ts';
import { projectDirectory } from '../paths.ts';
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
  try {
    if (files.length === 0) await check();
    const chosen = files.length > 0 ? [...files] : await allTests();
    say(`Running ${chosen.length} test files`);
    const env = { ...process.env, ...engine.env };
    // Two files at a time: they wait more than they compute.
    const options = [
      '--disable-warning=ExperimentalWarning',
      '--test',
      '--test-concurrency=2',
      '--test-timeout=900000',
    ];
    const code = await runHere(process.execPath, [...options, ...chosen], env);
    if (code !== 0) throw new ServiceError(500, 'TestsFailed', 'there are tests that fail');
    say('All tests passed');
  } finally {
    await engine.stop();
  }
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

async function allTests(): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd: projectDirectory })) {
    found.push(path.join(projectDirectory, file));
  }
  return found.sort();
}
