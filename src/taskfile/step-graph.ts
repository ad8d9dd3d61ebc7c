import { refuse } from './refuse.ts';

/** A step as the graph sees it. */
export interface GraphStep {
  readonly id: string;
  /** As it was written; empty when it was not. */
  readonly when: readonly string[];
}

const atOnce = '-';
/** What everything waits for in the reference's graph. */
const reservedId = 'acb_root';
const maxIdLength = 200;

/**
 * The ids that each step waits for: none with `when: ["-"]`, the step written before it without `when`,
 * otherwise those it names, each once.
 * @throws ServiceError 400 `InvalidTaskFile` for ids that are wrong, not there, or wait for each other.
 */
export function dependenciesOf(steps: readonly GraphStep[]): Map<string, readonly string[]> {
  const dependencies = new Map<string, readonly string[]>();
  steps.forEach(({ id, when }, index) => {
    checkId(id, index);
    if (dependencies.has(id))
      refuse(`two steps are called ${id}; an id must be unique`, `steps[${index}].id`);
    const previous = steps[index - 1];
    if (when.includes(atOnce)) dependencies.set(id, []);
    else if (when.length === 0) dependencies.set(id, previous ? [previous.id] : []);
    else dependencies.set(id, [...new Set(when)]);
  });
  steps.forEach((step, index) => checkWhen(step, index, dependencies));
  const cycle = findCycle(dependencies);
  if (cycle) refuse(`steps wait for each other: ${cycle.join(' → ')}`, 'steps');
  return dependencies;
}

function checkId(id: string, index: number): void {
  const target = `steps[${index}].id`;
  if (id === '') refuse(`${target} is empty; a step needs an id`, target);
  if (/\s/.test(id)) refuse(`the step id ${JSON.stringify(id)} has spaces; an id has none`, target);
  if (id.length > maxIdLength)
    refuse(`the step id ${id.slice(0, 40)}… has ${id.length} characters; it may have ${maxIdLength}`, target);
  if (id === reservedId) refuse(`${reservedId} is reserved; it cannot be the id of a step`, target);
}

function checkWhen(
  { id, when }: GraphStep,
  index: number,
  dependencies: ReadonlyMap<string, readonly string[]>,
): void {
  const target = `steps[${index}].when`;
  if (when.includes(atOnce) && when.length > 1)
    refuse(
      `step ${id} waits for ${when.join(', ')}; with "-" it starts at once and can wait for nothing else`,
      target,
    );
  if (when.includes(id)) refuse(`step ${id} waits for itself`, target);
  const missing = when.find((other) => other !== atOnce && !dependencies.has(other));
  if (missing !== undefined)
    refuse(
      `step ${id} waits for ${JSON.stringify(missing)}, which is no step; there are ${[...dependencies.keys()].join(', ')}`,
      target,
    );
}

/** `a → b → a`: each waits for the one before it. */
function findCycle(dependencies: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const waiting = new Map(dependencies);
  // What waits for nothing that waits itself cannot be in a cycle.
  for (let size = -1; size !== waiting.size;) {
    size = waiting.size;
    for (const [id, others] of waiting) if (!others.some((other) => waiting.has(other))) waiting.delete(id);
  }
  const [first] = waiting.keys();
  if (first === undefined) return undefined;
  const path = [first];
  for (;;) {
    const next = waiting.get(path.at(-1) ?? first)?.find((other) => waiting.has(other)) ?? first;
    const begin = path.indexOf(next);
    if (begin !== -1) return [...path.slice(begin), next].reverse();
    path.push(next);
  }
}
