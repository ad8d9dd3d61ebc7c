import { messageOf, Secret } from '../model/index.ts';
import { parseImageReference } from '../taskfile/index.ts';
import { invalidLocation, quote } from './errors.ts';
import { checkFolder, checkRef } from './git-names.ts';
import { redactText, redactUrl } from './redact.ts';

/** A source that was uploaded: the path that `listBuildSourceUploadUrl` gave out. */
export interface UploadLocation {
  readonly kind: 'upload';
  readonly relativePath: string;
}

/** A git repository; `url` has neither credential nor fragment. */
export interface GitLocation {
  readonly kind: 'git';
  readonly url: string;
  /** A branch, a tag, a commit sha (full or short) or another ref such as `pull/1/head`. */
  readonly ref?: string;
  /** The folder that is the context, relative to the root of the repository. */
  readonly folder?: string;
  /** `user:password`, or a token alone. */
  readonly credential?: Secret;
}

/** A tar archive on the web; `url` has no credential, but keeps its query: print it with `redactUrl`. */
export interface TarballLocation {
  readonly kind: 'tarball';
  readonly url: string;
  /** `user:password`, or a user alone. */
  readonly credential?: Secret;
}

/** An artifact of a registry. */
export interface OciLocation {
  readonly kind: 'oci';
  /** `host` or `host:port` */
  readonly registry: string;
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

export type SourceLocation = UploadLocation | GitLocation | TarballLocation | OciLocation;

const MAX_LENGTH = 4096;

const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Reads `sourceLocation`: an http(s) URL is a git repository when it ends in `.git`, has a `#ref:folder`
 * fragment or names a repository of a known forge (the detection of `docker build URL`), and a tar archive
 * otherwise; `oci://registry/repository:tag` is an artifact; what is no URL is an upload.
 * @throws ServiceError 400 `InvalidSourceLocation`
 */
export function parseSourceLocation(text: string): SourceLocation {
  if (text === '') throw invalidLocation('the source location is empty; it must be an upload or a URL');
  if (text.length > MAX_LENGTH) {
    throw invalidLocation(
      `the source location has ${text.length} characters; it may have at most ${MAX_LENGTH}`,
    );
  }
  if (CONTROL.test(text)) throw invalidLocation('the source location contains a control character');
  if (/^oci:\/\//i.test(text)) return parseOci(text);
  refuseOtherTransports(text);
  // docker's own abbreviation, which az lets through
  const full = /^github\.com\//i.test(text) ? `https://${text}` : text;
  return /^https?:\/\//i.test(full) ? parseWebLocation(full) : parseUpload(text);
}

function refuseOtherTransports(text: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') return;
  const isScpLike = scheme === undefined && /^[^/\s@:]+@[^/\s:]+:/.test(text);
  if (scheme === 'ssh' || scheme === 'git+ssh' || scheme === 'ssh+git' || isScpLike) {
    throw invalidLocation(
      'the source location uses ssh, for which a run has no key; use https: https://host/path.git#ref:folder',
    );
  }
  if (scheme === 'git') {
    throw invalidLocation(
      'the source location uses git://, which is neither encrypted nor authenticated; use https://host/path.git#ref:folder',
    );
  }
  if (scheme !== undefined) {
    throw invalidLocation(
      `the source location uses ${scheme}://; it must be an upload, or an http://, https:// or oci:// URL`,
    );
  }
}

function parseOci(text: string): OciLocation {
  const name = text.slice('oci://'.length);
  try {
    const { registry, repository, tag, digest } = parseImageReference(name);
    const hasRegistry = name.toLowerCase().startsWith(`${registry.toLowerCase()}/`);
    const reference = digest ?? tag;
    if (hasRegistry && reference !== undefined) return { kind: 'oci', registry, repository, reference };
  } catch (error) {
    throw invalidLocation(
      `the source location ${quote(redactText(text))} is wrong: ${redactText(messageOf(error))}`,
    );
  }
  throw invalidLocation(
    `the source location ${quote(redactText(text))} names no registry; it must be oci://registry/repository:tag`,
  );
}

function parseUpload(text: string): UploadLocation {
  if (text.startsWith('/') || text.startsWith('-') || text.split('/').includes('..')) {
    throw invalidLocation(`the source location ${quote(text)} is neither a URL nor the path of an upload`);
  }
  return { kind: 'upload', relativePath: text };
}

function parseWebLocation(text: string): GitLocation | TarballLocation {
  const hash = text.indexOf('#');
  const fragment = hash < 0 ? undefined : decode(text.slice(hash + 1));
  const url = URL.parse(hash < 0 ? text : text.slice(0, hash));
  if (url === null) {
    throw invalidLocation(`the source location ${quote(redactUrl(text))} is not a valid URL`);
  }
  const credential = takeCredential(url);
  const shared = { url: url.href, ...(credential === undefined ? {} : { credential }) };
  if (fragment === undefined && !isRepository(url)) return { kind: 'tarball', ...shared };
  return { kind: 'git', ...shared, ...parseFragment(fragment ?? '') };
}

function parseFragment(fragment: string): { ref?: string; folder?: string } {
  const colon = fragment.indexOf(':');
  const ref = colon < 0 ? fragment : fragment.slice(0, colon);
  const folder = colon < 0 ? '' : checkFolder(fragment.slice(colon + 1));
  return {
    ...(ref === '' ? {} : { ref: checkRef(ref) }),
    ...(folder === '' ? {} : { folder }),
  };
}

function takeCredential(url: URL): Secret | undefined {
  const user = decode(url.username);
  const password = decode(url.password);
  url.username = '';
  url.password = '';
  if (user === '' && password === '') return undefined;
  if (CONTROL.test(user) || CONTROL.test(password)) {
    throw invalidLocation('the credential in the source location contains a control character');
  }
  return new Secret(password === '' ? user : `${user}:${password}`);
}

/** Whether docker would clone this URL: `.git` at the end, or the page of a repository on a known forge. */
function isRepository(url: URL): boolean {
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  if (/\.git$/i.test(path)) return true;
  if (/\.(tar|tgz|tar\.[a-z0-9]+|zip)$/i.test(path)) return false;
  const segments = path.split('/');
  const host = url.hostname.replace(/^www\./, '');
  if (host === 'github.com' || host === 'bitbucket.org') return segments.length === 2;
  if (host === 'gitlab.com') return segments.length >= 2 && !segments.includes('-');
  if (host === 'dev.azure.com' || host.endsWith('.visualstudio.com')) return segments.at(-2) === '_git';
  return false;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % is what it is
  }
}
