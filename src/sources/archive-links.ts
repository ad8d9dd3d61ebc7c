import type { Tree, TreeNode } from './archive-tree.ts';

type LinkNode = TreeNode & { type: 'symlink' };

const MAX_CHAIN = 255;
const MAX_STEPS = 5_000_000;

/**
 * Follows every symbolic link of a finished tree as the kernel would (path_resolution(7)): each part of its
 * target, other links included. A link whose way leaves the root, even to come back, is an offence; one that
 * dangles inside is not, nor is a loop, which leads nowhere.
 */
export function checkLinks(nodes: Tree, offence: (link: LinkNode, reason: string) => Error): void {
  const resolved = new Map<string, string>();
  const inProgress = new Set<string>();
  let steps = 0;

  function resolve(path: string, link: LinkNode): string {
    const known = resolved.get(path);
    if (known !== undefined) return known;
    if (inProgress.has(path)) return path; // a loop: the kernel answers ELOOP
    if (inProgress.size >= MAX_CHAIN) throw offence(link, `is a chain of more than ${MAX_CHAIN} links`);
    if (link.target.startsWith('/')) {
      throw offence(link, 'is an absolute path; the target of a link must lie in the archive');
    }
    inProgress.add(path);
    let at = parentOf(path);
    for (const part of link.target.split('/')) {
      if (++steps > MAX_STEPS) throw offence(link, 'is one link too many to follow');
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (at === '') throw offence(link, 'leads out of the archive');
        at = parentOf(at);
        continue;
      }
      const next = at === '' ? part : `${at}/${part}`;
      const node = nodes.get(next);
      at = node?.type === 'symlink' ? resolve(next, node) : next;
    }
    inProgress.delete(path);
    resolved.set(path, at);
    return at;
  }

  for (const [path, node] of nodes) if (node.type === 'symlink') resolve(path, node);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
