type Fail = (what: string) => never;

export interface SecretMount {
  readonly id: string;
  readonly source?: string;
  readonly variable?: string;
}

/** `id=token,src=path`, `id=token,env=NAME`; with an id alone, it is the environment variable of that name. */
export function readSecretMount(text: string, fail: Fail): SecretMount {
  const members = new Map(readPairs('secret', text, ['id', 'src', 'source', 'env', 'type'], fail));
  const id = members.get('id') ?? '';
  if (id === '') fail(`has --secret ${text}; it must have an id, as in id=token,src=token.txt`);
  const source = members.get('src') ?? members.get('source');
  const variable = members.get('env');
  if (source !== undefined && variable !== undefined) fail(`has --secret ${text}; it has either src or env`);
  const type = members.get('type') ?? 'file';
  if (type !== 'file' && type !== 'env') fail(`has --secret ${text}; its type must be file or env`);
  // docker: with type=env the source is a variable's name.
  if (type === 'env' && source !== undefined) return { id, variable: source };
  if (source !== undefined) return { id, source };
  return { id, variable: variable ?? id };
}

/** `registry/app:cache`, or `type=registry,ref=…`; the machine's own directories are refused. */
export function readCacheEntry(flag: string, text: string, fail: Fail): string {
  if (!text.includes('=')) return text;
  const type = text
    .split(',')
    .map((part) => /^\s*type=(.*)$/i.exec(part)?.[1])
    .find((found) => found !== undefined);
  if (type === 'local')
    fail(
      `has --${flag} ${text}, which is a directory of the machine that builds; keep caches in a registry with type=registry,ref=…`,
    );
  return text;
}

/** `name=path`, `name=docker-image://…`, `name=https://…`. */
export function readNamedContext(text: string, fail: Fail): { name: string; source: string } {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0));
  const source = text.slice(at + 1);
  if (name === '' || source === '')
    fail(`has --build-context ${JSON.stringify(text)}; it must be name=source`);
  if (/^oci-layout:/i.test(source))
    fail(`has --build-context ${text}, which is a directory of the machine that builds`);
  return { name, source };
}

function readPairs(flag: string, text: string, known: readonly string[], fail: Fail): [string, string][] {
  return text.split(',').map((part) => {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim().toLowerCase();
    if (!known.includes(name))
      fail(`has --${flag} ${text}; ${JSON.stringify(part)} is none of ${known.join('=, ')}=`);
    return [name, part.slice(at + 1)];
  });
}
