import { setTimeout as delay } from 'node:timers/promises';
import type { Step } from '../../taskfile/index.ts';
import { prepareBuild } from './build-step.ts';
import { prepareCmd } from './cmd-step.ts';
import { keepTail } from './keep-tail.ts';
import { preparePush } from './push-step.ts';
import type { StepDeps, Try } from './step-deps.ts';
import { StepFailed, toStepFailed } from './step-failed.ts';

/** `retryOnErrors` looks at so much of the end of a try's output. */
const tailBytes = 64 * 1024;
/** The longest that a timer can wait. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Performs a step with its delays, tries and repetitions. @param onTry hears of each try, from 1.
 * @returns its exit code; undefined for one that goes on.
 * @throws StepFailed when its last try failed; the signal's reason; what is the engine's fault or ours.
 */
export async function performStep(
  deps: StepDeps,
  step: Step,
  onTry: (number: number) => void,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { log } = deps.run;
  log.line(
    `Executing step ID: ${step.id}. Timeout(sec): ${step.timeoutSeconds}, ` +
      `Working directory: '${step.workingDirectory ?? ''}', Network: '${step.network}'`,
  );
  if (step.startDelaySeconds > 0) {
    log.line(`Waiting ${step.startDelaySeconds} seconds before executing step ID: ${step.id}`);
    await delay(step.startDelaySeconds * 1000, undefined, { signal });
  }
  let tries = 0;
  const next = (): number => {
    tries += 1;
    onTry(tries);
    return tries;
  };
  try {
    const attempt = await withinTimeout(step, signal, (limited) => prepare(deps, step, limited));
    let exitCode: number | undefined;
    for (let round = 0; round <= step.repeat; round += 1) {
      exitCode = await untilSuccess(deps, step, attempt, next, signal);
    }
    return exitCode;
  } catch (error) {
    deps.output.flush();
    signal.throwIfAborted();
    throw toStepFailed(error);
  }
}

async function prepare(deps: StepDeps, step: Step, signal: AbortSignal): Promise<Try> {
  switch (step.kind) {
    case 'cmd':
      return prepareCmd(deps, step, signal);
    case 'build':
      return prepareBuild(deps, step, signal);
    case 'push':
      return preparePush(deps, step);
  }
}

async function untilSuccess(
  deps: StepDeps,
  step: Step,
  attempt: Try,
  next: () => number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { log } = deps.run;
  for (let tried = 1; ; tried += 1) {
    const tail = keepTail(tailBytes);
    try {
      const number = next();
      return await withinTimeout(step, signal, (limited) => attempt(number, tail, limited));
    } catch (error) {
      deps.output.flush();
      signal.throwIfAborted();
      const failure = toStepFailed(error);
      const isTriedAgain = tried <= step.retries && isRetried(step, tail.text());
      if (isTriedAgain) {
        const seconds = step.retryDelaySeconds;
        log.line(`Container failed during run: ${step.id}, waiting ${seconds} seconds before retrying...`);
        await delay(seconds * 1000, undefined, { signal });
        continue;
      }
      if (step.kind !== 'push') log.line(`Container failed during run: ${step.id}. No retries remaining.`);
      throw failure;
    }
  }
}

function isRetried({ retryOnErrors }: Step, output: string): boolean {
  return retryOnErrors.length === 0 || retryOnErrors.some((text) => output.includes(text));
}

/** @throws StepFailed when the step's timeout is over. */
async function withinTimeout<T>(
  { timeoutSeconds }: Step,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timedOut = new StepFailed(`timed out after ${timeoutSeconds} seconds`, { isTimeout: true });
  const timer = setTimeout(() => limit.abort(timedOut), Math.min(timeoutSeconds * 1000, maxTimerMs));
  try {
    return await work(AbortSignal.any([signal, limit.signal]));
  } catch (error) {
    throw limit.signal.aborted && !signal.aborted ? timedOut : error;
  } finally {
    clearTimeout(timer);
  }
}
