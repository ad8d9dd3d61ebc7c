import { planOf, type Step, type Task } from '../taskfile/index.ts';

/**
 * A task's steps as text, at most `width` columns wide: below each other the levels of the graph, and on each
 * level the steps that can run at the same time.
 *
 *     acb.yaml · v1.1.0 · 3 steps, at most 2 at the same time
 *
 *     ┬ build-web  build  at once               600 s
 *     └ build-api  build  at once               600 s
 *     │
 *     ─ push       push   after both of them    600 s
 */
export function drawPlan(name: string, task: Task, width: number): string {
  const plan = planOf(task.steps, secondsAtMost);
  const steps = new Map(task.steps.map((step) => [step.id, step]));
  const levels = plan.levels.map((level) => level.flatMap((id) => steps.get(id) ?? []));
  const idWidth = Math.min(Math.max(...task.steps.map(({ id }) => id.length), 0), Math.floor(width / 3));
  const lines = levels.flatMap((level, index) => [
    ...(index === 0 ? [] : ['│']),
    ...level.flatMap((step, place) => drawStep(step, branch(place, level.length), idWidth, width)),
  ]);
  const widest = Math.max(...levels.map(({ length }) => length), 0);
  const count = `${task.steps.length} ${task.steps.length === 1 ? 'step' : 'steps'}`;
  const title = [name, task.version, widest > 1 ? `${count}, up to ${widest} at the same time` : count];
  const longest =
    plan.criticalPath.length > 1
      ? ['', ...wrap(`At most ${plan.criticalSeconds} s: ${plan.criticalPath.join(' → ')}`, width, '  ')]
      : [];
  return [title.join(' · '), '', ...lines, ...longest, ''].join('\n');
}

/** Every try, and every repetition, may take the whole timeout. */
function secondsAtMost(step: Step): number {
  const once = step.timeoutSeconds * (step.retries + 1) + step.retryDelaySeconds * step.retries;
  return step.startDelaySeconds + once * (step.repeat + 1);
}

function branch(place: number, count: number): string {
  if (count === 1) return '─';
  if (place === 0) return '┬';
  return place === count - 1 ? '└' : '├';
}

function drawStep(step: Step, mark: string, idWidth: number, width: number): string[] {
  const begin = `${mark} ${cut(step.id, idWidth).padEnd(idWidth)}  ${step.kind.padEnd(5)}  `;
  const facts = [
    step.dependsOn.length === 0 ? 'at once' : `after ${step.dependsOn.join(', ')}`,
    `${step.timeoutSeconds} s`,
    ...(step.startDelaySeconds > 0 ? [`begins ${step.startDelaySeconds} s later`] : []),
    ...(step.retries > 0 ? [`${step.retries + 1} tries`] : []),
    ...(step.repeat > 0 ? [`${step.repeat + 1} times`] : []),
    ...(step.kind === 'cmd' && step.isDetached ? ['stays in the background'] : []),
    ...(step.areErrorsIgnored ? ['may fail'] : []),
  ].join(' · ');
  const rest = mark === '─' || mark === '└' ? ' ' : '│';
  const next = `${rest}${' '.repeat(begin.length - 1)}`;
  const [first = '', ...more] = wrap(facts, width - begin.length, '');
  const what = cut(summaryOf(step), width - begin.length);
  return [`${begin}${first}`, ...[...more, what].map((line) => `${next}${line}`.trimEnd())];
}

function summaryOf(step: Step): string {
  if (step.kind === 'cmd') return [step.image, ...step.arguments].join(' ').replace(/\s+/g, ' ');
  if (step.kind === 'push') return step.images.join(' ');
  return [...step.command.tags, `from ${step.command.context}`].join(' ');
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
}

/** Breaks between words; a word that is longer than a line is cut. */
function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += `${line.trim() === '' ? '' : ' '}${word}`;
  }
  return [...lines, line].map((each) => cut(each, width));
}
