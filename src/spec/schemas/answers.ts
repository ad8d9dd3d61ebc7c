import { object, optional, text } from '../members.ts';

export const sourceUploadDefinition = object(
  {
    uploadUrl: text({ description: 'A signed URL to which the archive is PUT.' }),
    relativePath: text({ description: 'The sourceLocation of a run that takes the archive.' }),
  },
  { $id: 'SourceUploadDefinition' },
);

export const runLogResult = object(
  {
    logLink: text({ description: 'A signed URL of the log.' }),
    logArtifactLink: optional(text({ description: 'A signed URL of the log as an artifact.' })),
  },
  { $id: 'RunGetLogResult' },
);
