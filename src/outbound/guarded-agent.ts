import dns, { type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { AddressRule } from './address-rules.ts';

const connectTimeoutMs = 5000;

/**
 * Connects to addresses that a rule allows only. The very address that was looked at is connected to, so that a
 * name cannot come to mean another one in between.
 */
export function guardedAgent(rule: AddressRule): Agent {
  const lookup: LookupFunction = (host, options, done) => {
    dns.lookup(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const fault = error ?? faultOf(addresses, (address) => rule(address, host.toLowerCase()));
      const [first] = addresses ?? [];
      if (fault || !first) done(fault ?? new Error(`${host} has no address`), '', 0);
      else if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
  const connector = buildConnector({ lookup, timeout: connectTimeoutMs });
  return new Agent({
    connect: (options, done) => {
      // An address needs no look-up.
      const address = options.hostname.replace(/^\[|\]$/g, '');
      const fault = isIP(address) ? rule(address, address) : undefined;
      if (fault === undefined) connector(options, done);
      else done(new Error(fault), null);
    },
  });
}

/** One address that is not allowed is enough: which of several is connected to is not ours to say. */
function faultOf(
  addresses: readonly LookupAddress[],
  faultAt: (address: string) => string | undefined,
): Error | undefined {
  const fault = addresses.map(({ address }) => faultAt(address)).find((each) => each !== undefined);
  return fault === undefined ? undefined : new Error(fault);
}
