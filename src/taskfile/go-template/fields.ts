import { TemplateFailure } from './failure.ts';
import type { Node, Operand, Pipe } from './nodes.ts';
import { parseTemplate } from './parser.ts';

/**
 * The chains of fields that a template reads: `Run.Commit` for `.Run.Commit` and `$.Run.Commit`. A chain
 * that is read as a whole (`with .Run`, `toJson .Values`) stands for everything beneath it; chains inside
 * `with` and `range` are written as they stand. Nothing for a text that is no template.
 */
export function fieldsOf(text: string): ReadonlySet<string> {
  const fields = new Set<string>();
  try {
    const { main, defined } = parseTemplate(text, () => true);
    for (const body of [main, ...defined.values()]) collect(body, fields);
  } catch (error) {
    if (!(error instanceof TemplateFailure)) throw error;
  }
  return fields;
}

function collect(nodes: readonly Node[], fields: Set<string>): void {
  for (const node of nodes) {
    if ('pipe' in node && node.pipe) collectPipe(node.pipe, fields);
    if ('body' in node) {
      collect(node.body, fields);
      collect(node.otherwise ?? [], fields);
    }
  }
}

function collectPipe(pipe: Pipe, fields: Set<string>): void {
  for (const { operands } of pipe.commands) for (const operand of operands) collectOperand(operand, fields);
}

function collectOperand(operand: Operand, fields: Set<string>): void {
  if (operand.kind === 'pipe') collectPipe(operand, fields);
  if (operand.kind === 'chain') collectOperand(operand.of, fields);
  const isRoot = operand.kind === 'field' || (operand.kind === 'variable' && operand.name === '$');
  if (isRoot && operand.names.length > 0) fields.add(operand.names.join('.'));
}
