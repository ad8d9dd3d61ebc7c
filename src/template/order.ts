import { invalidTemplate } from './error.ts';

interface Ordered {
  readonly key: string;
  readonly path: string;
  readonly dependsOn: readonly string[];
}

/** The items so that each comes after those it depends on. @throws ServiceError 400 for a circle. */
export function inOrder<T extends Ordered>(items: readonly T[]): T[] {
  const ordered: T[] = [];
  const done = new Set<string>();
  let left = [...items];
  while (left.length > 0) {
    const ready = left.filter(({ dependsOn }) => dependsOn.every((key) => done.has(key)));
    if (ready.length === 0) {
      const [first] = left;
      const all = left.map(({ key }) => `'${key}'`).join(', ');
      throw invalidTemplate(first?.path ?? '', `circular dependency detected between the resources ${all}`);
    }
    for (const each of ready) done.add(each.key);
    ordered.push(...ready);
    left = left.filter(({ key }) => !done.has(key));
  }
  return ordered;
}
