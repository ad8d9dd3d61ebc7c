import { Command } from 'commander';
import { collect, parseArgument, parseWholeNumber } from '../options.ts';
import { inSession, locate, submitRun } from '../submit-run.ts';

interface Flags {
  readonly tag: string[];
  readonly file: string;
  readonly buildArg: string[];
  readonly secretBuildArg: string[];
  readonly target?: string;
  readonly platform: string;
  readonly timeout?: number;
  readonly push: boolean;
  readonly cache: boolean;
  readonly wait: boolean;
  readonly pool?: string;
  readonly envFile?: string;
}

/** `slipway build`: a directory, a git URL or a tarball URL becomes an image. */
export function buildCommand(): Command {
  return new Command('build')
    .description('build an image and push it to the registry')
    .argument('[source]', 'directory, git URL (…git#branch:folder) or URL of a tar archive', '.')
    .option(
      '-t, --tag <image>',
      'name of the image in the registry, such as app:v1 (repeatable)',
      collect,
      [],
    )
    .option('-f, --file <path>', 'Dockerfile, relative to the source', 'Dockerfile')
    .option('--build-arg <name=value>', 'build argument (repeatable)', collect, [])
    .option('--secret-build-arg <name=value>', 'build argument that no log shows (repeatable)', collect, [])
    .option('--target <stage>', 'stage of the Dockerfile to build')
    .option('--platform <os/architecture>', 'platform of the image', 'linux/amd64')
    .option('--timeout <seconds>', 'the build is stopped after so long (300 to 28800)', parseWholeNumber)
    .option('--no-push', 'build only')
    .option('--no-cache', 'build every step anew')
    .option('--no-wait', 'queue the build and leave')
    .option('--pool <name>', 'agent pool that builds it')
    .option('--env-file <file>', 'client.env of the server')
    .action((source: string, flags: Flags) =>
      inSession(flags.envFile, async (session) => {
        const sourceLocation = await locate(session, source, { dockerfile: flags.file });
        return submitRun(session, requestOf(sourceLocation, flags), { wait: flags.wait });
      }),
    );
}

function requestOf(sourceLocation: string, flags: Flags): object {
  const [os = 'linux', architecture, variant] = flags.platform.split('/');
  return {
    type: 'DockerBuildRequest',
    sourceLocation,
    imageNames: flags.tag,
    isPushEnabled: flags.push && flags.tag.length > 0,
    noCache: !flags.cache,
    dockerFilePath: flags.file,
    ...(flags.target !== undefined && { target: flags.target }),
    arguments: [
      ...flags.buildArg.map((text) => ({ ...parseArgument(text), isSecret: false })),
      ...flags.secretBuildArg.map((text) => ({ ...parseArgument(text), isSecret: true })),
    ],
    platform: { os, ...(architecture && { architecture }), ...(variant && { variant }) },
    ...(flags.timeout !== undefined && { timeout: flags.timeout }),
    ...(flags.pool !== undefined && { agentPoolName: flags.pool }),
  };
}
