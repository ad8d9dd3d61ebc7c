/** The syntax tree of a template. `offset` is where in the text a node begins, `source` its text for errors. */
export type Node = TextNode | ActionNode | BranchNode | TemplateNode | BreakNode | ContinueNode;

export interface TextNode {
  readonly kind: 'text';
  readonly text: string;
}
export interface ActionNode {
  readonly kind: 'action';
  readonly pipe: Pipe;
}
export interface BranchNode {
  readonly kind: 'if' | 'with' | 'range';
  readonly offset: number;
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[] | undefined;
}
export interface TemplateNode {
  readonly kind: 'template';
  readonly offset: number;
  readonly name: string;
  readonly pipe: Pipe | undefined;
}
export interface BreakNode {
  readonly kind: 'break';
}
export interface ContinueNode {
  readonly kind: 'continue';
}

/** `$a, $b := command | command`; also what stands in parentheses. */
export interface Pipe {
  readonly kind: 'pipe';
  readonly offset: number;
  readonly variables: readonly string[];
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
}

/** An operand with arguments. */
export interface Command {
  readonly offset: number;
  readonly operands: readonly [Operand, ...Operand[]];
}

export type Operand =
  | Pipe
  | { readonly kind: 'dot'; readonly offset: number }
  | { readonly kind: 'nil'; readonly offset: number }
  | { readonly kind: 'bool'; readonly offset: number; readonly value: boolean }
  | { readonly kind: 'string'; readonly offset: number; readonly value: string; readonly source: string }
  | NumberOperand
  | { readonly kind: 'field'; readonly offset: number; readonly names: readonly string[] }
  | {
      readonly kind: 'variable';
      readonly offset: number;
      readonly name: string;
      readonly names: readonly string[];
    }
  | {
      readonly kind: 'chain';
      readonly offset: number;
      readonly of: Operand;
      readonly names: readonly string[];
    }
  | { readonly kind: 'function'; readonly offset: number; readonly name: string };

/** A number as an int, a float or, where it can be both (`1`, `1e3`, `1.0`), either. */
export interface NumberOperand {
  readonly kind: 'number';
  readonly offset: number;
  readonly source: string;
  readonly int: bigint | undefined;
  readonly float: number | undefined;
}

/** The text of an operand, for errors. */
export function sourceOf(operand: Operand): string {
  switch (operand.kind) {
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(operand.value);
    case 'string':
    case 'number':
      return operand.source;
    case 'field':
      return `.${operand.names.join('.')}`;
    case 'variable':
      return [operand.name, ...operand.names].join('.');
    case 'chain':
      return `${sourceOf(operand.of)}.${operand.names.join('.')}`;
    case 'function':
      return operand.name;
    case 'pipe':
      return '(…)';
  }
}
