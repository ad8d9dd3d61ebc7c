import { isIPv6 } from 'node:net';
import { ServiceError } from '../model/index.ts';

export interface Ports {
  /** `80/tcp` */
  readonly exposed: readonly string[];
  readonly published: Readonly<Record<string, { HostIp?: string; HostPort: string }[]>>;
}

/**
 * Reads `--publish` (`[[ip:][hostPort]:]containerPort[/protocol]`, ports also as ranges) and `--expose`
 * (`port[/protocol]`) as docker run does.
 * @throws ServiceError 400 `InvalidArgument`
 */
export function parsePorts(publish: readonly string[], expose: readonly string[]): Ports {
  const published: Record<string, { HostIp?: string; HostPort: string }[]> = {};
  const exposed = new Set(expose.flatMap((each) => portsOf(each)));
  for (const text of publish) {
    const { ip, host, container } = split(text);
    const inside = portsOf(container);
    const outside = host === '' ? [] : rangeOf(host, text);
    // docker: several ports of the machine for one of the container let it choose
    const isChoice = inside.length === 1 && outside.length > 1;
    if (outside.length > 0 && !isChoice && outside.length !== inside.length) {
      throw invalid(text, 'both ranges of ports must have the same length');
    }
    inside.forEach((port, index) => {
      const HostPort = isChoice ? host : `${outside[index] ?? ''}`;
      exposed.add(port);
      (published[port] ??= []).push({ ...(ip !== '' && { HostIp: ip }), HostPort });
    });
  }
  return { exposed: [...exposed], published };
}

function split(text: string): { ip: string; host: string; container: string } {
  const bracketed = /^\[([^\]]*)\]:(.*)$/.exec(text);
  const parts = (bracketed?.[2] ?? text).split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  const ip = bracketed?.[1] ?? parts.join(':');
  if (bracketed ? parts.length > 0 || !isIPv6(ip) : ip !== '' && !/^\d+(\.\d+){3}$/.test(ip)) {
    throw invalid(text, `${JSON.stringify(ip)} is no IP address`);
  }
  return { ip, host, container };
}

/** `8000-8001/udp` → `8000/udp`, `8001/udp` */
function portsOf(text: string): string[] {
  const [range = '', protocol = 'tcp', ...rest] = text.split('/');
  if (rest.length > 0 || !/^(tcp|udp|sctp)$/i.test(protocol)) {
    throw invalid(text, 'the protocol must be tcp, udp or sctp');
  }
  return rangeOf(range, text).map((port) => `${port}/${protocol.toLowerCase()}`);
}

function rangeOf(range: string, text: string): number[] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (!(from >= 1 && from <= to && to <= 65535)) {
    throw invalid(text, 'a port is a number from 1 to 65535, or two of them with a - between');
  }
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function invalid(text: string, reason: string): ServiceError {
  return new ServiceError(400, 'InvalidArgument', `the port ${JSON.stringify(text)} is invalid: ${reason}`);
}
