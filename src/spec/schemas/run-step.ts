import { Type, type Static } from 'typebox';
import { stepStatuses } from '../../model/index.ts';
import { dateTime, flag, list, object, optional, text, word } from '../members.ts';
import { resourceMembers } from './common.ts';

const count = Type.Integer({ minimum: 0 });

/** A step of a run, in answers only. Ours: the specification has no word for it. */
export const runStep = object(
  {
    ...resourceMembers,
    properties: object({
      stepId: text(),
      kind: word(['cmd', 'build', 'push'] as const),
      status: word(stepStatuses),
      dependsOn: list(text(), { description: 'The steps for whose end it waits.' }),
      attempts: { ...count, description: 'How often it was tried so far.' },
      startTime: optional(dateTime),
      finishTime: optional(dateTime),
      exitCode: optional(Type.Integer()),
      errorMessage: optional(text()),
      isErrorIgnored: optional(flag({ description: 'It failed, but the run went on.' })),
    }),
  },
  { $id: 'RunStep' },
);

export const runStepListResult = object({ value: list(runStep) }, { $id: 'RunStepListResult' });

/** A step of a run as it is answered. */
export type RunStepBody = Static<typeof runStep>;
