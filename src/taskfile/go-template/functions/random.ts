import { TemplateFailure } from '../failure.ts';
import { checkStringSize } from '../meter.ts';
import { type FunctionContext, type FunctionTable, define } from './define.ts';

const digits = '0123456789';
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ascii = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32));

/** sprig's random functions, which draw from the renderer's source. */
export const random: FunctionTable = {
  randAlphaNum: drawn(letters + digits),
  randAlpha: drawn(letters),
  randNumeric: drawn(digits),
  randAscii: drawn(ascii),
  randInt: define(['int', 'int'], (context, least, end) => {
    if (end <= least)
      throw new TemplateFailure(`randInt ${least.toString()} ${end.toString()}: there is no number between`);
    const span = end - least;
    if (span > 1n << 47n) throw new TemplateFailure('randInt: the numbers are too far apart');
    return least + BigInt(context.random(Number(span)));
  }),
  randBytes: define(['int'], (context, count) => bytes(context, Number(count)).toString('base64')),
  shuffle: define(['string'], (context, text) => {
    const chars = [...text];
    for (let at = chars.length - 1; at > 0; at -= 1) {
      const other = context.random(at + 1);
      [chars[at], chars[other]] = [chars[other] ?? '', chars[at] ?? ''];
    }
    return chars.join('');
  }),
  uuidv4: define([], (context) => {
    const hex = bytes(context, 16).toString('hex');
    const variant = '89ab'[context.random(4)] ?? '8';
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      variant + hex.slice(17, 20),
      hex.slice(20),
    ].join('-');
  }),
};

function drawn(from: string) {
  return define(['int'], (context, count) => {
    const length = Math.max(Number(count), 0);
    checkStringSize(length);
    context.meter.spend(length);
    return Array.from({ length }, () => from[context.random(from.length)] ?? '').join('');
  });
}

function bytes(context: FunctionContext, count: number): Buffer {
  if (count < 0) throw new TemplateFailure(`cannot draw ${count} bytes`);
  checkStringSize(count);
  context.meter.spend(count);
  return Buffer.from(Array.from({ length: count }, () => context.random(256)));
}
