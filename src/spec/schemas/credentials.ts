import type { Static } from 'typebox';
import { filledText, object, optional, record, refined, secretText, text, word } from '../members.ts';

const loginModes = ['None', 'Default'] as const;
const secretTypes = ['Opaque', 'Vaultsecret'] as const;

const clientId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function isIdentity(text: string, ...words: string[]): boolean {
  return clientId.test(text) || words.includes(text.toLowerCase());
}

const sourceRegistry = refined(
  object(
    {
      identity: optional(text({ description: 'Who logs in: [caller], [system] or a client ID.' })),
      loginMode: optional(word(loginModes, { description: 'Whether the run logs in to its registry.' })),
    },
    { $id: 'SourceRegistryCredentials' },
  ),
  ({ identity }, refuse) => {
    if (identity === undefined || isIdentity(identity, '[caller]', '[system]')) return;
    refuse('identity', `is ${JSON.stringify(identity)}; it must be [caller], [system] or a client ID`);
  },
);

const secretType = word(secretTypes, {
  default: 'Opaque',
  description: 'Opaque: the value itself; Vaultsecret: the URL of a secret in a vault.',
});

const userName = object({ type: secretType, value: filledText() }, { $id: 'UserName' });

const password = object({ type: secretType, value: secretText({ minLength: 1 }) }, { $id: 'SecretObject' });

const customRegistry = refined(
  object(
    {
      userName: optional(userName),
      password: optional(password),
      identity: optional(text({ description: '[system] or a client ID.' })),
    },
    { $id: 'CustomRegistryCredentials' },
  ),
  ({ userName: user, password: secret, identity }, refuse) => {
    if (identity !== undefined && !isIdentity(identity, '[system]'))
      refuse('identity', `is ${JSON.stringify(identity)}; it must be [system] or a client ID`);
    if (identity !== undefined && user === undefined && secret === undefined) return;
    const message = 'is required, unless an identity is given and the other is not';
    if (user === undefined) refuse('userName', message, 'MissingParameter');
    if (secret === undefined) refuse('password', message, 'MissingParameter');
  },
);

/** The registries that a run logs in to; those besides its own by their host. */
export const credentials = object(
  {
    sourceRegistry: optional(sourceRegistry),
    customRegistries: optional(
      record(customRegistry, {
        mergesKeys: true,
        maxProperties: 100,
        propertyNames: text({
          pattern: '^[a-zA-Z0-9]([a-zA-Z0-9.\\-]*[a-zA-Z0-9])?(:\\d{1,5})?$',
          rule: 'named by a registry host such as registry.example.com',
        }),
      }),
    ),
  },
  { $id: 'Credentials' },
);

/** The registries that a run logs in to, and with what. */
export type RequestCredentials = Static<typeof credentials>;
export type CustomRegistry = Static<typeof customRegistry>;
