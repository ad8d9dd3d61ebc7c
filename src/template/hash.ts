import { createHash } from 'node:crypto';

/** Of Microsoft's `guid` function: a UUID of version 5 (RFC 9562 §5.5) in this namespace. */
const guidNamespace = Buffer.from('11fb06fb712d4ddd98c7e71bbd588830', 'hex');

/** The UUID that stands for these texts. */
export function guidOf(texts: readonly string[]): string {
  const bytes = createHash('sha1').update(guidNamespace).update(texts.join('-')).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** The 13 letters and digits that stand for these texts: 64 bits of their hash, five at a time. */
export function uniqueStringOf(texts: readonly string[]): string {
  let bits = murmur64(Buffer.from(texts.join('-')));
  let unique = '';
  for (let index = 0; index < 13; index += 1) {
    unique += alphabet[Number(bits >> 59n)];
    bits = BigInt.asUintN(64, bits << 5n);
  }
  return unique;
}

const [c1, c2] = [0x239b961b, 0xab0e9789];

/** MurmurHash3 (Austin Appleby, public domain) with 64 bits of state, as Azure's service has it. */
function murmur64(bytes: Buffer): bigint {
  let [h1, h2] = [0, 0];
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    h1 ^= mix(bytes.readInt32LE(at), c1, 15, c2);
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= mix(bytes.readInt32LE(at + 4), c2, 17, c1);
    h2 = (Math.imul((rotate(h2, 13) + h1) | 0, 5) + 0x0bcaa747) | 0;
  }
  const tail = Buffer.alloc(8);
  const tailBytes = bytes.copy(tail, 0, at);
  if (tailBytes > 0) h1 ^= mix(tail.readInt32LE(0), c1, 15, c2);
  if (tailBytes > 4) h2 ^= mix(tail.readInt32LE(4), c2, 17, c1);
  h1 ^= bytes.length;
  h2 ^= bytes.length;
  h1 = (h1 + h2) | 0;
  h2 = (h2 + h1) | 0;
  h1 = finish(h1);
  h2 = finish(h2);
  h1 = (h1 + h2) | 0;
  h2 = (h2 + h1) | 0;
  return (BigInt(h2 >>> 0) << 32n) | BigInt(h1 >>> 0);
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function mix(value: number, before: number, by: number, after: number): number {
  return Math.imul(rotate(Math.imul(value, before), by), after);
}

function finish(value: number): number {
  const once = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
