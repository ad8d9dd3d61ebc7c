import { lookup } from 'node:dns/promises';
import { isLoopback, isMachineOnly } from '../outbound/index.ts';
import { quote } from './errors.ts';

/**
 * Why a URL that a repository itself names (of a submodule, of Git LFS) must not be asked. The host of `origin`,
 * which whoever made the run has named, is always allowed.
 */
export async function offenceOfHost(url: string, origin: string): Promise<string | undefined> {
  const { hostname } = new URL(url);
  if (hostname === new URL(origin).hostname) return undefined;
  // where only a proxy knows the host, the proxy decides
  const addresses = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true }).catch(() => []);
  const bad = addresses.find(({ address }) => isLoopback(address) || isMachineOnly(address));
  return (
    bad &&
    `the host ${quote(hostname)} is an address of the agent's own machine (${bad.address}), which a repository must not name`
  );
}
