/** Docker's rule: registries on loopback may do without TLS. */
export function isLoopbackRegistry(registry: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(registry);
}
