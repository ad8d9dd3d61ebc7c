import { dateTime, flag, integer, list, object, optional, text, word } from '../members.ts';

/** Ours: an image that tasks of a registry stand on. */
const baseImage = object(
  {
    registry: text(),
    repository: text(),
    tag: text(),
    tasks: list(text()),
    dependents: list(
      object({
        task: text(),
        type: word(['RunTime', 'BuildTime']),
        digest: optional(text({ description: 'What the task was built from, when that is known.' })),
      }),
      { description: 'How each of the tasks stands on it.' },
    ),
    isHosted: flag({ description: 'Whether its registry runs here, and tells of pushes by itself.' }),
    checkIntervalSeconds: optional(
      integer({ description: 'How often another registry is asked; 0 is only when it tells of a push.' }),
    ),
    checkedTime: optional(dateTime),
    nextCheckTime: optional(dateTime), // absent where only what its registry tells counts
    error: optional(text({ description: 'Why it could not be looked at.' })),
  },
  { $id: 'BaseImage' },
);

export const baseImageListResult = object({ value: list(baseImage) }, { $id: 'BaseImageListResult' });

export const imageWebhook = object({ url: text() }, { $id: 'ImageWebhook' });

export const imageUpdateKey = object({ key: text() }, { $id: 'ImageUpdateKey' });
