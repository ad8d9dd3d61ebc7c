import type { ImageDescriptor, RunDependencies } from '../model/index.ts';

/** The lines in which a run's log names what its images stand on (YAML). */
export function formatDependencies(dependencies: readonly RunDependencies[]): string[] {
  if (dependencies.length === 0) return [];
  const lines = ['The following dependencies were found:', ''];
  for (const { image, runtime, buildtime, git } of dependencies) {
    lines.push('- image:', ...members(image, 4));
    if (runtime) lines.push('  runtime-dependency:', ...members(runtime, 4));
    if (buildtime.length > 0) lines.push('  buildtime-dependency:');
    for (const each of buildtime) {
      const [first = '', ...rest] = members(each, 4);
      lines.push(`  - ${first.trim()}`, ...rest);
    }
    lines.push(git?.commit === undefined ? '  git: {}' : `  git:\n    git-head-revision: ${git.commit}`);
  }
  return lines;
}

function members(image: ImageDescriptor, indent: number): string[] {
  return (['registry', 'repository', 'tag', 'digest'] as const)
    .filter((name) => image[name] !== undefined)
    .map((name) => `${' '.repeat(indent)}${name}: ${image[name]}`);
}
