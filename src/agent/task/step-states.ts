import type { StepState } from '../../model/index.ts';
import type { Step } from '../../taskfile/index.ts';

/** Where a task's steps stand. */
export interface StepStates {
  get(id: string): StepState;
  change(id: string, change: Partial<StepState>): void;
  /** The state of each step whose status is among these. */
  with(...statuses: StepState['status'][]): StepState[];
}

/** All steps are pending at first. @param onStep hears of each change, and of each step's beginning. */
export function openStepStates(steps: readonly Step[], onStep: (state: StepState) => void): StepStates {
  const states = new Map<string, StepState>();
  const set = (state: StepState): void => {
    states.set(state.stepId, state);
    onStep(state);
  };
  for (const { id, kind, dependsOn } of steps) {
    set({ stepId: id, kind, status: 'Pending', dependsOn, attempts: 0 });
  }
  const get = (id: string): StepState => {
    const state = states.get(id);
    if (!state) throw new Error(`the task has no step ${id}`);
    return state;
  };
  return {
    get,
    change: (id, change) => set({ ...get(id), ...change }),
    with: (...statuses) => [...states.values()].filter(({ status }) => statuses.includes(status)),
  };
}
