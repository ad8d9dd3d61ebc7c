import assert from 'node:assert/strict';
import { command, type CommandResult, type TestServer } from './server.ts';

export interface Az {
  /** Runs `az …` to its end. */
  run(...args: string[]): Promise<CommandResult>;
  /** Runs an `az …` that has to succeed, and answers what it prints as JSON; undefined for nothing. */
  json(...args: string[]): Promise<unknown>;
  logOut(): Promise<void>;
}

/** An unmodified az, logged in to a server as its first service principal. @param directory where it runs. */
export async function logInAz(server: TestServer, directory: string): Promise<Az> {
  const exported = await server.slipway(['az-env']);
  assert.equal(exported.code, 0, exported.stderr);
  const shown = await command('bash', ['-c', `${exported.stdout}\nenv -0`]);
  const environment = Object.fromEntries(
    shown.stdout
      .split('\0')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const login = await server.slipway(['az-login'], environment);
  assert.equal(login.code, 0, login.stdout + login.stderr);
  const run = (...args: string[]): Promise<CommandResult> => command('az', args, environment, directory);
  return {
    run,
    async json(...args) {
      const result = await run(...args, '-o', 'json');
      assert.equal(result.code, 0, `az ${args.join(' ')}: ${result.stderr}`);
      return result.stdout.trim() === '' ? undefined : (JSON.parse(result.stdout) as unknown);
    },
    async logOut() {
      const logout = await server.slipway(['az-logout'], environment);
      assert.equal(logout.code, 0, logout.stderr);
    },
  };
}
