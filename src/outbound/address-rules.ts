import { BlockList, isIP } from 'node:net';

/** Says why an address may not be connected to for the sake of a host; undefined when it may. */
export type AddressRule = (address: string, host: string) => string | undefined;

/** Where clouds keep what is for one machine only: link-local addresses, and those that clouds chose besides. */
const machineOnly = new BlockList();
machineOnly.addSubnet('169.254.0.0', 16, 'ipv4');
machineOnly.addSubnet('fe80::', 10, 'ipv6');
machineOnly.addSubnet('fd00:ec2::', 32, 'ipv6'); // AWS
machineOnly.addAddress('fd20:ce::254', 'ipv6'); // Google
machineOnly.addAddress('168.63.129.16', 'ipv4'); // Azure
machineOnly.addAddress('100.100.100.200', 'ipv4'); // Alibaba
machineOnly.addAddress('192.0.0.192', 'ipv4'); // Oracle

/** This very machine, also by addresses that stand for it: `0.0.0.0` and `::` are connected to as loopback. */
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addSubnet('0.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
loopback.addAddress('::', 'ipv6');

/** Whether an address answers to its machine alone, which clouds trust for that: metadata, identities. */
export function isMachineOnly(address: string): boolean {
  return isIn(machineOnly, address);
}

export function isLoopback(address: string): boolean {
  return isIn(loopback, address);
}

/** For base images of any registry, those on this machine as well: a HEAD of a manifest and no more is sent there. */
export const anyButMachineOnly: AddressRule = (address) =>
  isMachineOnly(address) ? `${address} is for this machine only` : undefined;

/**
 * For what users have sent to a place of their choice. @param hosts `*` for all but this machine, `hooks.example.org`,
 * `*.example.org`; those that are named may lie on loopback.
 */
export function onlyHosts(hosts: readonly string[]): AddressRule {
  const isNamed = (host: string): boolean =>
    hosts.some((each) => each === host || (/^\*\../.test(each) && host.endsWith(each.slice(1))));
  return (address, host) => {
    const fault = anyButMachineOnly(address, host);
    if (fault !== undefined || isNamed(host)) return fault;
    if (!hosts.includes('*')) return `${host} is not among the hosts that --event-hosts allows`;
    if (isLoopback(address)) return `${host} is this machine, which --event-hosts has to name`;
    return undefined;
  };
}

function isIn(list: BlockList, address: string): boolean {
  const bare = address.replace(/%.*$/, ''); // the zone of a link-local address
  const meant = insideNat64(bare) ?? bare;
  return list.check(meant, isIP(meant) === 6 ? 'ipv6' : 'ipv4');
}

/** The IPv4 address that a gateway connects to for `64:ff9b::a9fe:a9fe` (RFC 6052 §2.1). */
function insideNat64(address: string): string | undefined {
  const [, high, low] = /^64:ff9b::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (low === undefined) return undefined;
  const value = Number.parseInt(high ?? '0', 16) * 65_536 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((bits) => (value >>> bits) & 255).join('.');
}
