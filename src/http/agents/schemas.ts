import { Type } from 'typebox';
import { stepStatuses } from '../../model/index.ts';

const name = Type.String({ minLength: 1, maxLength: 200, pattern: '^[A-Za-z0-9._-]+$' });

export const registerBody = Type.Object({
  protocolVersion: Type.Integer(),
  name,
  instanceId: name,
  pool: Type.String({ minLength: 1, maxLength: 200, pattern: '^[A-Za-z0-9._/-]+$' }),
  os: name,
  architecture: name,
  deadInstanceIds: Type.Array(name, { maxItems: 1000 }),
});

export const runParams = Type.Object({
  runKey: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
});

const attempt = Type.Integer({ minimum: 1, maximum: 1000 });

export const heartbeatBody = Type.Object({ attempt, waitSeconds: Type.Number({ minimum: 0, maximum: 60 }) });

export const logQuery = Type.Object({
  attempt,
  offset: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
});

export const secretsBody = Type.Object({
  attempt,
  secrets: Type.Array(
    Type.Object({
      id: Type.String({ minLength: 1, maxLength: 200 }),
      keyvault: Type.String({ maxLength: 2048 }),
      clientId: Type.Optional(Type.String({ maxLength: 200 })),
    }),
    { maxItems: 100 },
  ),
});

const text = Type.String({ maxLength: 4096 });

const image = Type.Object({
  registry: Type.Optional(text),
  repository: Type.Optional(text),
  tag: Type.Optional(text),
  digest: Type.Optional(text),
});

export const completeBody = Type.Object({
  attempt,
  status: Type.Union(
    (['Succeeded', 'Failed', 'Canceled', 'Timeout', 'Error'] as const).map((status) => Type.Literal(status)),
  ),
  errorMessage: Type.Optional(Type.String({ maxLength: 16_384 })),
  outputImages: Type.Array(image, { maxItems: 1000 }),
  dependencies: Type.Array(
    Type.Object({
      image,
      runtime: Type.Optional(image),
      buildtime: Type.Array(image, { maxItems: 1000 }),
      git: Type.Optional(Type.Object({ commit: Type.Optional(text) })),
    }),
    { maxItems: 1000 },
  ),
});

const stepId = Type.String({ minLength: 1, maxLength: 256 });
const time = Type.String({ format: 'date-time', maxLength: 40, pattern: '^2' }); // no year that PostgreSQL does not know

export const stepsBody = Type.Object({
  attempt,
  steps: Type.Array(
    Type.Object({
      stepId,
      kind: Type.Union((['cmd', 'build', 'push'] as const).map((kind) => Type.Literal(kind))),
      status: Type.Union(stepStatuses.map((status) => Type.Literal(status))),
      dependsOn: Type.Array(stepId, { maxItems: 1000 }),
      attempts: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
      startTime: Type.Optional(time),
      finishTime: Type.Optional(time),
      exitCode: Type.Optional(Type.Integer({ minimum: -2_147_483_648, maximum: 2_147_483_647 })),
      errorMessage: Type.Optional(Type.String({ maxLength: 16_384 })),
      isErrorIgnored: Type.Optional(Type.Boolean()),
    }),
    { maxItems: 1000 },
  ),
});
