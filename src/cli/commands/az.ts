import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import dns from 'node:dns/promises';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { Command } from 'commander';
import { ServiceError } from '../../model/index.ts';
import { loadSettings, type Settings } from '../api/settings.ts';
import { stateDirectory } from '../paths.ts';
import { addToHosts, readHosts, removeFromHosts } from '../setup/hosts-file.ts';
import { findProgram, output } from '../setup/programs.ts';
import { say } from '../setup/say.ts';

const cloud = 'slipway';

interface Flags {
  readonly envFile?: string;
}

const envFileOption = ['--env-file <file>', 'client.env of the server'] as const;

/** `eval "$(slipway az-env)"`: az then keeps its configuration apart and trusts the server. */
export function azEnvCommand(): Command {
  return new Command('az-env')
    .description('print what az needs in its environment: eval "$(./slipway az-env)"')
    .option(...envFileOption)
    .action(async ({ envFile }: Flags) => {
      const settings = await loadSettings(envFile);
      const variables = {
        ...(await azEnvironment(settings)),
        ...(envFile && { SLIPWAY_ENV_FILE: path.resolve(envFile) }),
      };
      for (const [name, value] of Object.entries(variables)) {
        process.stdout.write(`export ${name}='${value.replaceAll("'", `'\\''`)}'\n`);
      }
    });
}

/** `slipway az-login`: an unmodified az, logged in to the server as its first service principal. */
export function azLoginCommand(): Command {
  return new Command('az-login')
    .description('register the server as a cloud of az and log in')
    .option(...envFileOption)
    .action(async ({ envFile }: Flags) => {
      const settings = await loadSettings(envFile);
      const az = await openAz(settings);
      await makeResolvable(settings);
      const { host, hostname } = new URL(settings.url);
      const known = JSON.parse(await az(['cloud', 'list', '-o', 'json'])) as { name: string }[];
      const isKnown = known.some(({ name }) => name === cloud);
      say(`az: ${isKnown ? 'updating' : 'registering'} the cloud '${cloud}' for ${settings.url}`);
      await az([
        ...[
          'cloud',
          isKnown ? 'update' : 'register',
          '-n',
          cloud,
          '--endpoint-resource-manager',
          settings.url,
        ],
        ...['--suffix-acr-login-server-endpoint', `.${hostname}`, '--suffix-storage-endpoint', host],
        ...['--suffix-keyvault-dns', `.vault.${hostname}`],
      ]);
      await az(['cloud', 'set', '-n', cloud]);
      say(`az: logging in as service principal ${settings.clientId}`);
      await az([
        ...['login', '--service-principal', '-u', settings.clientId],
        `--password=${settings.clientSecret}`, // it may begin with a hyphen
        ...['--tenant', settings.tenantId, '-o', 'none'],
      ]);
      say('az: logged in; ./slipway az-logout takes it back');
      if (process.env.AZURE_CONFIG_DIR === undefined) {
        say('This shell does not see it yet: eval "$(./slipway az-env)"');
      }
    });
}

/** `slipway az-logout`: takes back what `az-login` changed. */
export function azLogoutCommand(): Command {
  return new Command('az-logout')
    .description('log az out and take back what az-login changed')
    .option(...envFileOption)
    .action(async ({ envFile }: Flags) => {
      const settings = await loadSettings(envFile);
      const az = await openAz(settings);
      const isUnknown = (error: Error): string =>
        /not found|no active|not logged in/i.test(error.message) ? '' : fail(error);
      await az(['logout']).catch(isUnknown);
      await az(['cloud', 'set', '-n', 'AzureCloud']);
      await az(['cloud', 'unregister', '-n', cloud]).catch(isUnknown);
      say(`az: logged out, cloud '${cloud}' unregistered`);
      await removeFromHosts(hostsMark(settings));
    });
}

function fail(error: Error): never {
  throw error;
}

async function azEnvironment(settings: Settings): Promise<Record<string, string>> {
  const { hostname, port } = new URL(settings.url);
  const directory = path.join(stateDirectory, 'az', `${hostname}-${port || 443}`);
  await mkdir(path.join(directory, 'config'), { recursive: true, mode: 0o700 });
  const bundle = path.join(directory, 'bundle.pem');
  await writeFile(bundle, `${await systemCertificates()}\n${await readFile(settings.caFile, 'utf8')}`);
  return {
    REQUESTS_CA_BUNDLE: bundle,
    AZURE_CONFIG_DIR: path.join(directory, 'config'),
    AZURE_CORE_COLLECT_TELEMETRY: '0',
  };
}

async function systemCertificates(): Promise<string> {
  const places = [
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/ssl/cert.pem',
  ];
  const found = places.find((file) => existsSync(file));
  return found === undefined ? rootCertificates.join('\n') : readFile(found, 'utf8');
}

async function openAz(settings: Settings): Promise<(args: readonly string[]) => Promise<string>> {
  const program = await findProgram('az');
  if (program === undefined) {
    throw new ServiceError(
      503,
      'AzMissing',
      'az is not installed; on Debian: apt-get install azure-cli, otherwise see https://aka.ms/azure-cli',
    );
  }
  const env = { ...process.env, ...(await azEnvironment(settings)) };
  return (args) => output(program, [...args, '--only-show-errors'], env);
}

function hostsMark(settings: Settings): string {
  return `# slipway ${new URL(settings.url).host}`;
}

/** az calls the blob host by name; not every resolver knows that `*.localhost` is this machine. */
async function makeResolvable(settings: Settings): Promise<void> {
  const { hostname } = new URL(settings.url);
  const blobHost = `slipway.blob.${hostname}`;
  const line = `127.0.0.1 ${blobHost} ${hostsMark(settings)}`;
  // The line of another server goes when az is logged out of that one.
  const isOfAnother = (await readHosts()).some((it) => it.startsWith(`127.0.0.1 ${blobHost} # slipway `));
  if (!isOfAnother && (await resolves(blobHost))) return;
  if (!hostname.endsWith('localhost')) {
    throw new ServiceError(
      503,
      'HostUnknown',
      `${blobHost} has no address: add it to your DNS, with the address of ${hostname}`,
    );
  }
  await addToHosts(line);
}

async function resolves(host: string): Promise<boolean> {
  return dns.lookup(host).then(
    () => true,
    () => false,
  );
}
