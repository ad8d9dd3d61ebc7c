/** What a principal may do, and on which resources: ARM's role assignments. */
export interface RoleAssignment {
  /** A resource id whose children are meant as well; `/` is everything. */
  readonly scope: string;
  /** Patterns such as `Microsoft.ContainerRegistry/registries/*` or `*`. */
  readonly actions: readonly string[];
}

/** Whether any assignment allows the action on the scope. Names are compared without case. */
export function isAllowed(assignments: readonly RoleAssignment[], action: string, scope: string): boolean {
  return assignments.some(
    (assignment) =>
      isWithin(scope, assignment.scope) && assignment.actions.some((pattern) => matches(pattern, action)),
  );
}

function isWithin(scope: string, parent: string): boolean {
  const [inner, outer] = [scope, parent].map((text) => text.toLowerCase().replace(/\/+$/, ''));
  return inner === outer || (inner ?? '').startsWith(`${outer}/`);
}

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}
