import { statfs } from 'node:fs/promises';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { findDockerCli, limitsObstacle } from '../../engine/index.ts';
import { messageOf } from '../../model/index.ts';
import { projectDirectory } from '../paths.ts';
import { answers } from '../setup/engine.ts';
import { needs, type Need } from '../setup/packages.ts';
import { findProgram } from '../setup/programs.ts';

interface Finding {
  readonly what: string;
  readonly state: 'good' | 'missing' | 'optional';
  readonly detail: string;
}

/** `slipway doctor`: what is missing on this machine, and the command that brings it. */
export function doctorCommand(): Command {
  return new Command('doctor').description('say what this machine has and what it lacks').action(async () => {
    const findings = await examine();
    for (const { what, state, detail } of findings) {
      const marks = {
        good: styleText('green', '✓'),
        missing: styleText('red', '✗'),
        optional: styleText('yellow', '–'),
      };
      process.stdout.write(`${marks[state]} ${what.padEnd(20)} ${detail}\n`);
    }
    const lacking = findings.filter(({ state }) => state === 'missing');
    process.stdout.write(
      lacking.length === 0 ? '\nEverything that is needed is there.\n' : `\n${lacking.length} missing.\n`,
    );
    process.exitCode = lacking.length === 0 ? 0 : 1;
  });
}

const freeBytesWanted = 5 * 1024 ** 3;

async function examine(): Promise<Finding[]> {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const isEngineUp = await answers(host);
  const cli = await findDockerCli(process.env).then(
    (program): Finding => ({ what: 'docker with BuildKit', state: 'good', detail: program }),
    (error: unknown): Finding => ({
      what: 'docker with BuildKit',
      state: 'missing',
      detail: messageOf(error),
    }),
  );
  const engine: Finding = isEngineUp
    ? { what: 'Docker engine', state: 'good', detail: host }
    : {
        what: 'Docker engine',
        state: 'missing',
        detail: `${host} does not answer; start it: systemctl start docker`,
      };
  const obstacle = isEngineUp ? await limitsObstacle(host) : 'there is no engine';
  const limits: Finding = {
    what: 'limits of builds',
    state: obstacle === undefined ? 'good' : 'optional',
    detail: obstacle === undefined ? 'CPUs and memory are enforced' : `not enforced: ${obstacle}`,
  };
  const { bavail, bsize } = await statfs(projectDirectory);
  const free = bavail * bsize;
  return [
    { what: 'Node', state: 'good', detail: process.version },
    engine,
    cli,
    limits,
    await program(needs.git, 'missing'),
    await program(needs.gitLfs, 'optional'),
    // With an engine, the registry's own image does as well.
    await program(needs.registry, isEngineUp ? 'optional' : 'missing'),
    {
      what: 'disk',
      state: free < freeBytesWanted ? 'missing' : 'good',
      detail: `${(free / 1024 ** 3).toFixed(1)} GiB free, images and layers want 5`,
    },
    await program(needs.az, 'optional'),
    await program(needs.busybox, 'optional'),
  ];
}

async function program(need: Need, otherwise: Finding['state']): Promise<Finding> {
  const found = await findProgram(need.program);
  const install = `${need.purpose}: apt-get install ${need.package}`;
  return { what: need.program, state: found === undefined ? otherwise : 'good', detail: found ?? install };
}
