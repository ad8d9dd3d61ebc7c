import { createHash } from 'node:crypto';
import { TemplateFailure } from '../failure.ts';
import type { Value } from '../values.ts';
import { typeName } from '../values.ts';
import { base32Decode, base32Encode } from './base32.ts';
import { type FunctionTable, define } from './define.ts';
import { fromJson, toJson } from './json.ts';

const encoded = (indent: '' | '  ', escapesHtml: boolean) =>
  define(['interface {}'], ({ meter }, value) => toJson(value, { indent, escapesHtml }, meter));

/** sprig's functions of encodings and of hashes. */
export const encoding: FunctionTable = {
  // Of nil it is empty, other than in sprig: the hosted service's templates rely on it.
  b64enc: define(['interface {}'], (_, value) => Buffer.from(textOf(value)).toString('base64')),
  b64dec: define(['string'], (_, text) => base64Decode(text)),
  b32enc: define(['string'], (_, text) => base32Encode(Buffer.from(text))),
  b32dec: define(['string'], (_, text) => base32Decode(text)),
  sha1sum: define(['string'], (_, text) => hash('sha1', text)),
  sha256sum: define(['string'], (_, text) => hash('sha256', text)),
  sha512sum: define(['string'], (_, text) => hash('sha512', text)),
  adler32sum: define(['string'], (_, text) => adler32(Buffer.from(text)).toString()),
  toJson: encoded('', true),
  mustToJson: encoded('', true),
  toPrettyJson: encoded('  ', true),
  mustToPrettyJson: encoded('  ', true),
  toRawJson: encoded('', false),
  mustToRawJson: encoded('', false),
  fromJson: define(['string'], (_, text) => fromJson(text) ?? null),
  mustFromJson: define(['string'], (_, text) => {
    const value = fromJson(text);
    if (value === undefined) throw new TemplateFailure('the text is no JSON');
    return value;
  }),
};

function textOf(value: Value): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  throw new TemplateFailure(`wrong type for value; expected string; got ${typeName(value)}`);
}

const hash = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');

/** Like sprig, gives what is wrong in place of the text. */
function base64Decode(text: string): string {
  const plain = text.replace(/[\r\n]/g, '');
  if (/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(plain)) {
    return Buffer.from(plain, 'base64').toString();
  }
  const wrong = /[^A-Za-z\d+/]/.exec(plain)?.index ?? plain.length - (plain.length % 4);
  return `illegal base64 data at input byte ${wrong}`;
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}
