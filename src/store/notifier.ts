import { EventEmitter } from 'node:events';

/**
 * What changed, said by one server and heard by all: a run was queued (key: its queue's name), its log
 * grew, it is to be canceled, it ended (key: its run key); agent pools were made or changed (key: `all`); a
 * deployment was accepted, an event is to be decided (key: `any`).
 */
export type Topic = 'queued' | 'log' | 'cancel' | 'ended' | 'pools' | 'deployment' | 'delivery';

export const channel = 'slipway';

/** Wakes those who wait for a change. A wake-up may be spurious: look again, then wait again. */
export interface Notifier {
  /** Resolves at the next change under that key, when the time is over, or when the signal aborts. */
  wait(
    topic: Topic,
    key: string | number,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<void>;
}

/** The local half: payloads in, waiters woken. `wakeAll` serves a listener that may have missed some. */
export function createNotifier(): Notifier & { notify(payload: string): void; wakeAll(): void } {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    notify: (payload) => void emitter.emit(payload),
    wakeAll: () => {
      for (const name of emitter.eventNames()) emitter.emit(name);
    },
    wait: (topic, key, { timeoutMs, signal }) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted) return resolve();
        const name = `${topic}:${key}`;
        const done = (): void => {
          clearTimeout(timer);
          emitter.off(name, done);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, timeoutMs);
        emitter.on(name, done);
        signal?.addEventListener('abort', done);
      }),
  };
}
