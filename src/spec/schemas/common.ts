import { architectures, operatingSystems, variants, defaultCpu } from '../../model/index.ts';
import { decodeBase64Text } from '../base64.ts';
import {
  anyObject,
  dateTime,
  echoedWord,
  filledText,
  flag,
  integer,
  list,
  object,
  optional,
  readOnly,
  record,
  secretTextIf,
  text,
  word,
} from '../members.ts';
import type { Refuse } from '../schema-node.ts';

export const provisioningStates = [
  'Creating',
  'Updating',
  'Deleting',
  'Succeeded',
  'Failed',
  'Canceled',
] as const;

export const provisioningState = readOnly(word(provisioningStates));

export const location = filledText({ maxLength: 100, description: 'Where the resource is.' });

export const tags = record(text({ maxLength: 256 }), {
  maxProperties: 50,
  propertyNames: filledText({ maxLength: 512 }),
  description: 'Names and values by which resources are told apart.',
});

const creatorTypes = ['User', 'Application', 'ManagedIdentity', 'Key'] as const;

const systemData = object(
  {
    createdBy: optional(text()),
    createdByType: optional(word(creatorTypes)),
    createdAt: optional(dateTime),
    lastModifiedBy: optional(text()),
    lastModifiedByType: optional(word(creatorTypes)),
    lastModifiedAt: optional(dateTime),
  },
  { $id: 'SystemData' },
);

/** What every resource says of itself. */
export const resourceMembers = {
  id: readOnly(text()),
  name: readOnly(text()),
  type: readOnly(text()),
  systemData: readOnly(systemData),
};

/** Words that keep the case in which they were sent. */
export const platform = object(
  {
    os: echoedWord(operatingSystems),
    architecture: optional(echoedWord(architectures)),
    variant: optional(echoedWord(variants)),
  },
  { $id: 'PlatformProperties', description: 'What a run is for.' },
);

export const agentConfiguration = object(
  { cpu: integer({ minimum: 1, maximum: 64, default: defaultCpu, description: 'CPUs of the run.' }) },
  { $id: 'AgentProperties', default: {} },
);

export const timeout = integer({
  minimum: 300,
  maximum: 28_800,
  default: 3600,
  unit: 'seconds',
  description: 'How long the run may take.',
});

export const imageDescriptor = object(
  {
    registry: optional(text()),
    repository: optional(text()),
    tag: optional(text()),
    digest: optional(text()),
  },
  { $id: 'ImageDescriptor' },
);

export const imageNames = list(
  text({
    maxLength: 1024,
    // blanks stand in `{{…}}` only
    pattern: '^(?:\\{\\{(?:[^}\\0]|\\}(?!\\}))*\\}\\}|(?!\\{\\{)[^\\s\\0])+$',
    rule: 'an image name such as app:v1 or app:{{.Run.ID}}',
  }),
  { maxItems: 100, default: [], description: 'Names of the images, with their tags.' },
);

/** An address on a command line: no hyphen first, so that it is no option, and no line breaks. */
export const sourceAddress = filledText({
  pattern: '^[^\\-\\u0000-\\u001f\\u007f][^\\u0000-\\u001f\\u007f]*$',
  rule: 'a path of an upload, a git URL or the URL of a tar archive, in one line',
});

const nameAndValue = {
  name: filledText({ maxLength: 256 }),
  value: secretTextIf('isSecret', { description: 'A secret when isSecret is true.' }),
  isSecret: flag({ default: false }),
};

export const argument = object(nameAndValue, { $id: 'Argument' });

export const setValue = object(nameAndValue, { $id: 'SetValue' });

const base64 = (description: string) =>
  text({
    maxLength: 1_048_576,
    pattern: '^[A-Za-z0-9+\\/\\s]*={0,2}\\s*$',
    rule: 'a base64 text',
    description,
  });

/** What says the work of a docker build, as a task's step and as a request. */
export const dockerBuildMembers = {
  imageNames,
  isPushEnabled: flag({ default: true, description: 'Whether the images are pushed.' }),
  noCache: flag({ default: false, description: 'Whether the build goes without its cache.' }),
  dockerFilePath: filledText({ description: 'The Dockerfile, in the context.' }),
  target: optional(text({ maxLength: 200, description: 'The stage that is built.' })),
  arguments: list(argument, { default: [] }),
};

/** What says the work of a task file in the context. */
export const fileTaskMembers = {
  taskFilePath: filledText({ description: 'The task file, in the context.' }),
  valuesFilePath: optional(text({ description: 'The file of values, in the context.' })),
  values: list(setValue, { default: [] }),
};

/** What says the work of a task file that is sent along. */
export const encodedTaskMembers = {
  encodedTaskContent: base64('The task file in base64.'),
  encodedValuesContent: optional(base64('The file of values in base64.')),
  values: list(setValue, { default: [] }),
};

/** The rule of who has `encodedTaskMembers`: what is sent along has to be text. */
export function requireTexts(
  sent: { readonly encodedTaskContent: string; readonly encodedValuesContent?: string },
  refuse: Refuse,
): void {
  const message = 'must be a text in UTF-8, encoded in base64';
  for (const name of ['encodedTaskContent', 'encodedValuesContent'] as const) {
    if (decodeBase64Text(sent[name] ?? '') === undefined) refuse(name, message);
  }
  if (decodeBase64Text(sent.encodedTaskContent)?.trim() === '')
    refuse('encodedTaskContent', 'is empty; it must be a task file in base64');
}

export const errorResponse = object(
  {
    error: object({
      code: text(),
      message: text(),
      target: optional(text()),
      details: optional(
        list(object({ code: text(), message: text(), target: optional(text()) }, { $id: 'ErrorDetail' })),
      ),
      additionalInfo: optional(list(object({ type: text(), info: anyObject() }))),
    }),
  },
  { $id: 'ErrorResponse' },
);
