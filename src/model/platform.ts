export const operatingSystems = ['Linux', 'Windows'] as const;
export const architectures = ['amd64', 'x86', '386', 'arm', 'arm64'] as const;
export const variants = ['v6', 'v7', 'v8'] as const;

/** A build's platform; members keep the case in which the client sent them, comparisons ignore it. */
export interface Platform {
  readonly os: string;
  readonly architecture?: string;
  readonly variant?: string;
}

/** `linux/arm64/v8`: what Docker's `--platform` takes; `x86` is Docker's `386`. */
export function dockerPlatform(platform: Platform): string {
  const architecture = (platform.architecture ?? 'amd64').toLowerCase();
  const parts = [platform.os.toLowerCase(), architecture === 'x86' ? '386' : architecture];
  if (platform.variant) parts.push(platform.variant.toLowerCase());
  return parts.join('/');
}

export const defaultPoolName = 'default';

/**
 * The queue in which runs of a registry's pool, or without one of the default pool, wait for an agent of
 * their operating system. The default pool serves every registry. Names are compared in lower case.
 */
export function runQueueName(
  pool: { readonly registryId: string; readonly name: string } | undefined,
  os: string,
): string {
  const place = pool ? `${pool.registryId}.${pool.name.toLowerCase()}` : defaultPoolName;
  return `runs.${place}.${os.toLowerCase()}`;
}
