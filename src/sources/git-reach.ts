import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';
import { quote } from './errors.ts';

// What answers there answers to this machine alone: itself, and its cloud's metadata, which hands out identities.
const forbidden = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // RFC 3927; metadata of Azure, AWS, Google
  ['100.100.100.200', 32], // Alibaba Cloud
  ['168.63.129.16', 32], // Azure's agents
  ['192.0.0.192', 32], // Oracle Cloud
] as const) {
  forbidden.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['fd00:ec2::', 32], // AWS
] as const) {
  forbidden.addSubnet(network, prefix, 'ipv6');
}

/**
 * Why a URL that a repository itself names (of a submodule, of Git LFS) must not be asked. The host of `origin`,
 * which whoever made the run has named, is always allowed.
 */
export async function offenceOfHost(url: string, origin: string): Promise<string | undefined> {
  const { hostname } = new URL(url);
  if (hostname === new URL(origin).hostname) return undefined;
  // where only a proxy knows the host, the proxy decides
  const addresses = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true }).catch(() => []);
  const bad = addresses.find(({ address }) => forbidden.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'));
  return (
    bad &&
    `the host ${quote(hostname)} is an address of the agent's own machine (${bad.address}), which a repository must not name`
  );
}
