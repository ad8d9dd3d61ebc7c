import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import fastify from 'fastify';
import type { Logger } from 'pino';
import {
  countConnectedAgents,
  findPrincipal,
  headLog,
  readLog,
  waitForLog,
  type ControlDeps,
} from '../control/index.ts';
import { agentRoutes } from '../http/agents/index.ts';
import { armRoutes } from '../http/arm/index.ts';
import { blobRoutes } from '../http/blob/index.ts';
import { hookRoutes, imageHookRoutes, registryHookRoutes } from '../http/hooks/index.ts';
import { loginRoutes, type Suffixes } from '../http/login/index.ts';
import { opsRoutes } from '../http/ops/index.ts';
import { parseBearer, type TokenIssuer } from '../identity/index.ts';
import { blobTimes, limitBodyTime, plainTimes } from './body-time.ts';
import type { Certificate } from './certificate.ts';
import { answerBadUrl, answerUnreadable } from './unreadable.ts';

export interface AppParts {
  readonly control: ControlDeps;
  readonly tokenIssuer: TokenIssuer;
  readonly certificate: Certificate;
  /** `{account}.blob.{host}` is the blob service; every other host name is the API. */
  readonly blobAccount: string;
  readonly maxUploadBytes: number;
  readonly portalDirectory: string;
  readonly log: Logger;
}

/** What clients append to an account, a vault or a registry to reach it here. */
function suffixesOf(publicUrl: string): Suffixes {
  const { host, hostname } = new URL(publicUrl);
  return { acrLoginServer: hostname, storage: host, keyVaultDns: `vault.${hostname}` };
}

/** Every face of the server on one HTTPS listener. */
export function createApp(parts: AppParts) {
  const { control, tokenIssuer, certificate, blobAccount, maxUploadBytes, portalDirectory, log } = parts;
  const { now } = control;
  const blobHostName = new RegExp(`^${blobAccount}\\.blob\\.`, 'i');
  const app = fastify({
    loggerInstance: log,
    disableRequestLogging: true,
    genReqId: () => randomUUID(),
    routerOptions: { caseSensitive: false, maxParamLength: 2000 },
    https: {
      cert: certificate.certPem,
      key: certificate.keyPem,
      headersTimeout: 30_000,
      handshakeTimeout: 20_000,
    },
    forceCloseConnections: true,
    clientErrorHandler: answerUnreadable,
    frameworkErrors: answerBadUrl((request) => blobHostName.test(request.headers.host ?? '')),
  });
  const isBlob = ({ headers, url = '' }: IncomingMessage): boolean =>
    blobHostName.test(headers.host ?? '') || /^\/blobs\//i.test(url);
  app.addHook(
    'onRequest',
    limitBodyTime((request) => (isBlob(request) ? blobTimes : plainTimes)),
  );
  const blobService = blobRoutes({
    blobs: control.blobs,
    sasKey: control.config.sasKey,
    logs: {
      head: (blob) => headLog(control, blob),
      read: (blob, start, end) => readLog(control, blob, start, end),
      waitForChange: (blob, known, signal) => waitForLog(control, blob, known, signal),
    },
    maxUploadBytes,
    now,
  });
  void app.register(async (blobHost) => {
    blobHost.addHook('onRoute', (route) => {
      route.constraints = { ...route.constraints, host: blobHostName };
    });
    await blobHost.register(blobService);
  });
  // The same below the API's own host, for browsers: another origin has another certificate to be trusted.
  void app.register(blobService, { prefix: '/blobs' });
  const { publicUrl } = control.config;
  void app.register(
    opsRoutes({ publicUrl, portalDirectory, countAgents: () => countConnectedAgents(control) }),
  );
  void app.register(agentRoutes(control));
  void app.register(registryHookRoutes(control));
  void app.register(imageHookRoutes(control));
  void app.register(hookRoutes(control));
  void app.register(
    loginRoutes({
      publicUrl,
      tenantId: control.config.tenantId,
      tokenIssuer,
      suffixes: suffixesOf(publicUrl),
      findPrincipal: (clientId) => findPrincipal(control, clientId),
      now,
    }),
  );
  void app.register(
    armRoutes({
      control,
      verifyAccessToken: async (header) => tokenIssuer.verifyAccessToken(parseBearer(header), now()),
    }),
  );
  return app;
}
