import assert from 'node:assert/strict';
import { command, type CommandResult, type TestServer } from './server.ts';

export interface Az {
  /** Runs `az …` to its end. */
  az(...args: string[]): Promise<CommandResult>;
  /** What `az … -o json` prints; it has to succeed. */
  azJson(...args: string[]): Promise<unknown>;
  logout(): Promise<void>;
}

/** An unmodified az, logged in to a test server as its first service principal. @param cwd where it runs. */
export async function loginAz(server: TestServer, cwd?: string): Promise<Az> {
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
  const az = (...args: string[]): Promise<CommandResult> => command('az', args, environment, cwd);
  return {
    az,
    async azJson(...args) {
      const result = await az(...args, '-o', 'json');
      assert.equal(result.code, 0, result.stderr);
      return JSON.parse(result.stdout) as unknown;
    },
    async logout() {
      const result = await server.slipway(['az-logout'], environment);
      assert.equal(result.code, 0, result.stderr);
    },
  };
}
