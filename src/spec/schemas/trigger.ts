import type { Static } from 'typebox';
import { providerTypes } from '../../model/index.ts';
import { cronOffence } from '../cron.ts';
import {
  filledText,
  integer,
  list,
  namedList,
  object,
  optional,
  refined,
  secretText,
  text,
  word,
} from '../members.ts';
import { sourceAddress } from './common.ts';

const status = word(['Enabled', 'Disabled'] as const, { default: 'Enabled' });
const name = filledText({ maxLength: 100, description: 'Unique among the triggers of its kind.' });

const timerTrigger = refined(
  object(
    {
      schedule: filledText({
        maxLength: 200,
        description: 'Five fields, in UTC: minute hour day month weekday.',
      }),
      status,
      name,
    },
    { $id: 'TimerTrigger' },
  ),
  ({ schedule, name: trigger }, refuse) => {
    const offence = cronOffence(schedule);
    if (offence === undefined) return;
    const given = JSON.stringify(schedule);
    refuse('schedule', `is ${given} in the timer trigger ${JSON.stringify(trigger)}; ${offence}`);
  },
);

const sourceControlAuthProperties = object(
  {
    tokenType: word(['PAT', 'OAuth'] as const),
    token: secretText({ minLength: 1 }),
    refreshToken: optional(secretText()),
    scope: optional(text()),
    expiresIn: optional(integer({ minimum: 0, unit: 'seconds' })),
  },
  { $id: 'AuthInfo' },
);

const sourceTrigger = object(
  {
    sourceRepository: object(
      {
        sourceControlType: word(providerTypes),
        repositoryUrl: sourceAddress,
        branch: optional(text()),
        sourceControlAuthProperties: optional(sourceControlAuthProperties),
      },
      { $id: 'SourceProperties' },
    ),
    sourceTriggerEvents: list(word(['commit', 'pullrequest'] as const)),
    status,
    name,
  },
  { $id: 'SourceTrigger' },
);

const baseImageTrigger = object(
  {
    baseImageTriggerType: word(['All', 'Runtime'] as const),
    updateTriggerEndpoint: optional(text()),
    updateTriggerPayloadType: optional(word(['Default', 'Token'] as const)),
    status,
    name,
  },
  { $id: 'BaseImageTrigger' },
);

export const trigger = object(
  {
    timerTriggers: optional(namedList(timerTrigger)),
    sourceTriggers: optional(namedList(sourceTrigger)),
    baseImageTrigger: optional(baseImageTrigger),
  },
  { $id: 'TriggerProperties' },
);

export type TimerTrigger = Static<typeof timerTrigger>;
export type SourceTrigger = Static<typeof sourceTrigger>;
export type BaseImageTrigger = Static<typeof baseImageTrigger>;
