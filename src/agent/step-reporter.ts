import type { StepState } from '../model/index.ts';
import type { Connection } from './connection.ts';
import { untilAnswered } from './retry.ts';

/** Tells the server where an attempt's steps stand, without making them wait. */
export interface StepReporter {
  report(state: StepState): void;
  /** Resolves when the last states have arrived, or the server does not want them. */
  end(): Promise<void>;
}

/** The server takes so many at once. */
const maxSteps = 1000;

/** What changes while a message is under way goes with the next, each step's latest state only. */
export function openStepReporter(
  connection: Connection,
  run: { runKey: number; attempt: number },
  signal: AbortSignal,
): StepReporter {
  const waiting = new Map<string, StepState>();
  let sending: Promise<void> | undefined;
  let isRefused = false;
  const send = async (): Promise<void> => {
    await Promise.resolve(); // changes of the same moment go together
    while (waiting.size > 0) {
      const steps = [...waiting.values()].slice(0, maxSteps);
      for (const { stepId } of steps) waiting.delete(stepId);
      const request = { attempt: run.attempt, steps };
      await untilAnswered(signal, () => connection.steps(run.runKey, request, signal));
    }
  };
  const pump = (): Promise<void> =>
    (sending ??= send()
      .catch(() => {
        isRefused = true; // the lease is lost, which the heartbeat hears, too
      })
      .finally(() => {
        sending = undefined;
      }));
  return {
    report(state) {
      if (isRefused) return;
      waiting.set(state.stepId, state);
      void pump();
    },
    async end() {
      while (!isRefused && (waiting.size > 0 || sending)) await pump();
    },
  };
}
