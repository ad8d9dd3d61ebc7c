import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { ServiceError } from '../model/index.ts';
import type { EngineThing } from './containers.ts';
import { reasonOf, statusOf } from './docker-error.ts';

export type NetworkOptions = EngineThing & { readonly driver: string; readonly hasIpv6: boolean };

/** @throws ServiceError 400 `NetworkFailed` with what the engine says */
export async function createNetwork(docker: Docker, options: NetworkOptions): Promise<void> {
  const { name, labels, driver, hasIpv6 } = options;
  try {
    await docker.createNetwork({
      Name: name,
      Driver: driver,
      CheckDuplicate: true,
      Labels: { ...labels },
      ...(hasIpv6 && { EnableIPv6: true, IPAM: { Config: [{ Subnet: uniqueLocalSubnet(name) }] } }),
    });
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    const message = `failed to create the network ${name}: ${reasonOf(error)}`;
    throw new ServiceError(400, 'NetworkFailed', message, { cause: error });
  }
}

/** A /64 of the network's own (RFC 4193): engines have no pool of IPv6 addresses unless they are given one. */
function uniqueLocalSubnet(name: string): string {
  const digits = createHash('sha256').update(name).digest('hex');
  return `fd${digits.slice(0, 2)}:${digits.slice(2, 6)}:${digits.slice(6, 10)}:${digits.slice(10, 14)}::/64`;
}
