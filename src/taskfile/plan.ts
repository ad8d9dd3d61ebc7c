/** What can be known of a task's course before it runs. */
export interface Plan {
  /** The ids of the steps that can begin together, once those of the levels before have ended. */
  readonly levels: readonly (readonly string[])[];
  /** The chain of steps that takes longest. */
  readonly criticalPath: readonly string[];
  readonly criticalSeconds: number;
}

/**
 * The levels and the critical path of a valid graph (`Task.steps`, or the steps of a run).
 * @param secondsOf is how long a step takes, or may take.
 */
export function planOf<S extends { readonly id: string; readonly dependsOn: readonly string[] }>(
  steps: readonly S[],
  secondsOf: (step: S) => number,
): Plan {
  const levels = levelsOf(steps);
  const byId = new Map(steps.map((step) => [step.id, step]));
  const ends = new Map<string, { seconds: number; path: readonly string[] }>();
  const none = { seconds: 0, path: [] as readonly string[] };
  const longer = (a: typeof none, b: typeof none): typeof none => (b.seconds > a.seconds ? b : a);
  for (const id of levels.flat()) {
    const step = byId.get(id);
    if (!step) continue;
    const before = step.dependsOn.map((other) => ends.get(other) ?? none).reduce(longer, none);
    ends.set(id, { seconds: before.seconds + secondsOf(step), path: [...before.path, id] });
  }
  const { seconds, path } = [...ends.values()].reduce(longer, none);
  return { levels, criticalPath: path, criticalSeconds: seconds };
}

function levelsOf(
  steps: readonly { readonly id: string; readonly dependsOn: readonly string[] }[],
): string[][] {
  const levels: string[][] = [];
  const done = new Set<string>();
  let left = [...steps];
  while (left.length > 0) {
    const free = left.filter(({ dependsOn }) => dependsOn.every((id) => done.has(id)));
    if (free.length === 0) break; // a cycle, which `readTask` has refused
    levels.push(free.map(({ id }) => id));
    for (const { id } of free) done.add(id);
    left = left.filter(({ id }) => !done.has(id));
  }
  return levels;
}
