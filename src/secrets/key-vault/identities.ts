import { readFile, stat } from 'node:fs/promises';
import { Type, type Static } from 'typebox';
import { messageOf, Secret, ServiceError } from '../../model/index.ts';
import { check } from '../../spec/index.ts';
import { azureClouds, type Cloud } from './clouds.ts';

/** An identity as which runs may read vaults and log in to registries elsewhere. */
export interface RunIdentity {
  /** As requests name it: a client id, or `[system]`. */
  readonly name: string;
  /** The one to log in as; undefined for the machine's own. */
  readonly clientId: string | undefined;
  readonly credential:
    | { readonly kind: 'machine' }
    | {
        readonly kind: 'secret';
        readonly tenantId: string;
        readonly clientSecret: Secret;
        readonly loginHost: string;
      };
  /** Names of the registries whose runs may use it, in lower case; undefined for all. */
  readonly registries: readonly string[] | undefined;
}

/** What an operator has configured. */
export interface Identities {
  /** By `name` in lower case. */
  readonly byName: ReadonlyMap<string, RunIdentity>;
  readonly clouds: readonly Cloud[];
}

/** The identity of runs that name none. */
export const systemIdentity = '[system]';

const host = Type.String({ minLength: 1, pattern: '^[a-z0-9.-]+(:\\d{1,5})?$' });
const suffix = Type.String({ pattern: '^\\.[a-z0-9-]+(\\.[a-z0-9-]+)+(:\\d{1,5})?$' });
const id = Type.String({ pattern: '^[0-9A-Za-z.-]{1,100}$' });

const identitySchema = Type.Object({
  clientId: Type.Optional(id),
  tenantId: Type.Optional(id),
  clientSecret: Type.Optional(Type.String({ minLength: 1 })),
  loginHost: Type.Optional(host),
  managedIdentity: Type.Optional(Type.Boolean()),
  registries: Type.Optional(Type.Array(Type.String())),
});

const fileSchema = Type.Object({
  identities: Type.Optional(
    Type.Unsafe<Record<string, Static<typeof identitySchema>>>({
      type: 'object',
      additionalProperties: identitySchema,
    }),
  ),
  clouds: Type.Optional(
    Type.Array(
      Type.Object({
        loginHost: host,
        vaultSuffix: suffix,
        registrySuffix: Type.Optional(suffix),
        registryAudience: Type.Optional(Type.String({ pattern: '^https://' })),
      }),
    ),
  ),
});

/**
 * The identities of `given` (JSON), else of the file (JSON, for its owner alone), else none.
 * @throws Error when either is anything else.
 */
export async function loadIdentities(file: string, given?: string): Promise<Identities> {
  if (given !== undefined) return parseIdentities('SLIPWAY_IDENTITIES', given);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return { byName: new Map(), clouds: azureClouds };
  if (((await stat(file)).mode & 0o077) !== 0) {
    throw new Error(`${file} holds secrets, but others than its owner may read it; chmod 600 ${file}`);
  }
  return parseIdentities(file, text);
}

function parseIdentities(source: string, text: string): Identities {
  try {
    const { identities = {}, clouds = [] } = check(fileSchema, parseJson(text));
    const all = Object.entries(identities).map(([name, value]) => toIdentity(name.toLowerCase(), value));
    return { byName: new Map(all.map((each) => [each.name, each])), clouds: [...azureClouds, ...clouds] };
  } catch (error) {
    throw new Error(`${source}: ${messageOf(error)}`, { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is no JSON'); // the parser's own message would repeat parts of it
  }
}

function toIdentity(name: string, value: Static<typeof identitySchema>): RunIdentity {
  if (name !== systemIdentity && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)) {
    throw new Error(`identities has ${JSON.stringify(name)}; each is named by its client id, or [system]`);
  }
  const registries = value.registries?.map((each) => each.toLowerCase());
  const clientId = value.clientId ?? (name === systemIdentity ? undefined : name);
  if (value.managedIdentity) return { name, clientId, credential: { kind: 'machine' }, registries };
  const { tenantId, clientSecret, loginHost = 'login.microsoftonline.com' } = value;
  if (clientId === undefined || tenantId === undefined || clientSecret === undefined) {
    throw new Error(
      `identities[${JSON.stringify(name)}] needs clientId, tenantId and clientSecret, or "managedIdentity": true`,
    );
  }
  const credential = {
    kind: 'secret',
    tenantId,
    clientSecret: new Secret(clientSecret),
    loginHost,
  } as const;
  return { name, clientId, credential, registries };
}

/** The identity that a run of that registry names. @throws ServiceError 403 `IdentityNotAvailable`. */
export function identityFor(
  { byName }: Identities,
  { identity = systemIdentity, registryName }: Asker,
): RunIdentity {
  const found = byName.get(identity.toLowerCase());
  const refuse = (reason: string): never => {
    throw new ServiceError(403, 'IdentityNotAvailable', reason);
  };
  if (!found)
    return refuse(
      `the server has no identity ${identity}; its operator adds it to identities.json in the data directory`,
    );
  if (found.registries && !found.registries.includes(registryName.toLowerCase()))
    return refuse(
      `the identity ${identity} is not for runs of registry ${registryName}; the server's operator allows it in identities.json`,
    );
  return found;
}

/** Who wants a secret: a run of that registry, as that identity or `[system]`. */
export interface Asker {
  readonly identity?: string | undefined;
  readonly registryName: string;
}
