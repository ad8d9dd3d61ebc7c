import type Docker from 'dockerode';

/** POST /build/prune down to a size. dockerode's own `pruneBuilder` passes nothing on. */
export function limitBuildCache(docker: Docker, maxBytes: number, signal: AbortSignal): Promise<number> {
  const modem = docker.modem as {
    dial(request: object, done: (error: Error | null, answer: { SpaceReclaimed?: number }) => void): void;
  };
  return new Promise((resolve, reject) => {
    modem.dial(
      {
        path: '/build/prune?',
        method: 'POST',
        options: { all: true, 'keep-storage': Math.floor(maxBytes) },
        abortSignal: signal,
        statusCodes: { 200: true, 500: 'server error' },
      },
      (error, answer) => {
        if (!error) resolve(answer.SpaceReclaimed ?? 0);
        else if (/already running/.test(error.message))
          resolve(0); // another agent's
        else reject(error);
      },
    );
  });
}
