import { TemplateFailure } from '../failure.ts';
import { type GoMap, dict, kindName } from '../values.ts';
import { type FunctionTable, define } from './define.ts';

/** sprig's functions of URLs. */
export const urls: FunctionTable = {
  urlParse: define(['string'], (_, text) => dict(Object.entries(parseUrl(text)))),
  urlJoin: define(['map[string]interface {}'], (_, parts) => joinUrl(parts)),
};

const maxChars = 8192;

/** net/url of Go: the parts of a URL, empty where it has none. */
function parseUrl(text: string) {
  if (text.length > maxChars)
    throw new TemplateFailure(`unable to parse url: more than ${maxChars} characters`);
  if (/[\0-\x1f\x7f]/.test(text)) throw new TemplateFailure('unable to parse url: invalid control character');
  const [, beforeFragment = '', fragment] = /^([^#]*)(?:#(.*))?$/s.exec(text) ?? [];
  const schemed = /^([A-Za-z][A-Za-z\d+.-]*):/.exec(beforeFragment);
  if (beforeFragment.startsWith(':'))
    throw new TemplateFailure('unable to parse url: missing protocol scheme');
  const scheme = (schemed?.[1] ?? '').toLowerCase();
  const [rest = '', query = ''] = cut(beforeFragment.slice(schemed?.[0].length ?? 0), '?');
  const parts = {
    scheme,
    host: '',
    hostname: '',
    path: '',
    query,
    opaque: '',
    fragment: unescape(fragment ?? ''),
    userinfo: '',
  };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...parts, opaque: rest };
    if (rest.split('/')[0]?.includes(':')) {
      throw new TemplateFailure('unable to parse url: first path segment in URL cannot contain colon');
    }
  }
  const hasAuthority = (scheme !== '' || !rest.startsWith('///')) && rest.startsWith('//');
  if (!hasAuthority) return { ...parts, path: unescape(rest) };
  const [, authority = '', path = ''] = /^\/\/([^/]*)(.*)$/s.exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const invalid = /[ ^`{|}\\\/?#@]/.exec(host);
  if (invalid)
    throw new TemplateFailure(
      `unable to parse url: invalid character ${JSON.stringify(invalid[0])} in host name`,
    );
  if (/:[^\]]*$/.test(host) && !/:\d*$/.test(host)) {
    throw new TemplateFailure(`unable to parse url: invalid port in ${host}`);
  }
  return {
    ...parts,
    host: unescape(host),
    hostname: unescape(host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')),
    path: unescape(path),
    userinfo: at < 0 ? '' : authority.slice(0, at),
  };
}

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function unescape(text: string): string {
  const wrong = /%(?![\da-fA-F]{2}).{0,2}/.exec(text);
  if (wrong) throw new TemplateFailure(`unable to parse url: invalid URL escape ${JSON.stringify(wrong[0])}`);
  const bytes = Buffer.from(text).toString('latin1');
  const plain = bytes.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1').toString();
}

/** Percent signs for all but letters, digits and `-_.~`, and what `kept` matches once it is escaped. */
const escape = (text: string, kept: RegExp) =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(kept, decodeURIComponent);
const keptInPath = /%(?:24|26|2B|2C|2F|3A|3B|3D|40)/g;
const keptInFragment = /%(?:21|28|29|2A|24|26|2B|2C|2F|3A|3B|3D|3F|40)/g;

function joinUrl({ entries }: GoMap): string {
  const part = (key: string) => {
    const value = entries.has(key) ? entries.get(key) : '';
    if (typeof value === 'string') return value;
    throw new TemplateFailure(
      `unable to parse ${key} key, must be of type string, but ${kindName(value)} found`,
    );
  };
  const [scheme, host, path, opaque, userinfo] = ['scheme', 'host', 'path', 'opaque', 'userinfo'].map(part);
  let url = scheme ? `${scheme}:` : '';
  if (opaque) url += opaque;
  else {
    if (scheme || host || userinfo) {
      if (host || path || userinfo) url += '//';
      url += (userinfo ? `${userinfo}@` : '') + (host ?? '');
    }
    const escapedPath = path === '*' ? '*' : escape(path ?? '', keptInPath);
    if (escapedPath && !escapedPath.startsWith('/') && host) url += '/';
    url += escapedPath;
  }
  const query = part('query');
  const fragment = part('fragment');
  return url + (query ? `?${query}` : '') + (fragment ? `#${escape(fragment, keptInFragment)}` : '');
}
