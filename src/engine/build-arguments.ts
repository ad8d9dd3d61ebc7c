import { Secret, ServiceError } from '../model/index.ts';

export interface BuildArgument {
  readonly name: string;
  /** Without one it has that of the environment. */
  readonly value?: string | Secret;
}

/** Names that mean something to the docker client itself, were they in its environment. */
const reservedName =
  /^(PATH|HOME|SHELL|USER|TMPDIR|LD_.*|DOCKER_.*|BUILDKIT_.*|BUILDX_.*|EXPERIMENTAL_BUILDKIT_.*|OTEL_.*|XDG_.*|GO.*|SSH_.*|SSL_.*|HTTPS?_PROXY|NO_PROXY|ALL_PROXY)$/i;

export type ValuedArgument = BuildArgument & { readonly value: string | Secret };

/** Arguments with their values; one that has none in the environment either is left out, as docker does. */
export function withValues(
  given: readonly BuildArgument[],
  environment: ReadonlyMap<string, string>,
): ValuedArgument[] {
  return given.flatMap(({ name, value = environment.get(name) }) =>
    value === undefined ? [] : [{ name, value }],
  );
}

/**
 * `--build-arg NAME` takes the value from the client's environment, so that it shows in no process list.
 * Reserved names stand on the command line instead, and cannot be secret.
 * @throws ServiceError 400 `InvalidArgument`
 */
export function passBuildArguments(given: readonly ValuedArgument[]): {
  args: string[];
  env: Record<string, string>;
} {
  const args: string[] = [];
  const env: Record<string, string> = {};
  for (const { name, value } of given) {
    const text = value instanceof Secret ? value.reveal() : value;
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) || text.includes('\0')) {
      throw new ServiceError(
        400,
        'InvalidArgument',
        `${JSON.stringify(name)} is no name of a build argument`,
      );
    }
    if (!reservedName.test(name)) {
      args.push('--build-arg', name);
      env[name] = text;
    } else if (value instanceof Secret) {
      const message = `the secret build argument ${name} has a name that the docker client itself uses; give it another`;
      throw new ServiceError(400, 'InvalidArgument', message);
    } else args.push('--build-arg', `${name}=${text}`);
  }
  return { args, env };
}

/** `K=V` entries by their keys; the last one of a key counts. */
export function readEnvironment(entries: readonly string[]): Map<string, string> {
  return new Map(
    entries
      .filter((entry) => entry.includes('='))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}
