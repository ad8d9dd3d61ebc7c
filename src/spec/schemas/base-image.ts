import { dateTime, list, object, optional, text } from '../members.ts';

/** Ours: an image that tasks of a registry stand on. */
const baseImage = object(
  {
    registry: text(),
    repository: text(),
    tag: text(),
    tasks: list(text()),
    checkedTime: optional(dateTime),
    nextCheckTime: dateTime,
    error: optional(text({ description: 'Why it could not be looked at.' })),
  },
  { $id: 'BaseImage' },
);

export const baseImageListResult = object({ value: list(baseImage) }, { $id: 'BaseImageListResult' });

export const imageWebhook = object({ url: text() }, { $id: 'ImageWebhook' });

export const imageUpdateKey = object({ key: text() }, { $id: 'ImageUpdateKey' });
