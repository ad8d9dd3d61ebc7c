import { evaluatePipe, type Scope } from './expressions.ts';
import { TemplateFailure } from './failure.ts';
import type { FunctionContext, FunctionTable } from './functions/define.ts';
import { limits } from './meter.ts';
import type { BranchNode, Node, TemplateNode } from './nodes.ts';
import { printed } from './print.ts';
import { GoList, GoMap, type Value, isTrue, sortedEntries, typeName } from './values.ts';

export interface EvaluationRequest {
  readonly main: readonly Node[];
  readonly templates: ReadonlyMap<string, readonly Node[]>;
  readonly functions: FunctionTable;
  readonly context: FunctionContext;
  readonly data: Value;
}

/** One rendering: what has been written and how deep it is. */
interface Rendering extends Omit<EvaluationRequest, 'main' | 'data'> {
  readonly output: string[];
  outputChars: number;
  depth: number;
  templateDepth: number;
}

/** How the rest of a range is left. */
type Leave = 'break' | 'continue' | undefined;

/**
 * Performs a parsed template.
 * @throws TemplateFailure with the offset of what could not be evaluated.
 */
export function evaluate({ main, data, ...request }: EvaluationRequest): string {
  const rendering = { ...request, output: [], outputChars: 0, depth: 0, templateDepth: 0 };
  walk(rendering, scopeOf(rendering, data), main, data);
  return rendering.output.join('');
}

const scopeOf = ({ functions, context }: Rendering, dot: Value): Scope => ({
  functions,
  context,
  variables: [{ name: '$', value: dot }],
});

function walk(rendering: Rendering, scope: Scope, nodes: readonly Node[], dot: Value): Leave {
  for (const node of nodes) {
    rendering.context.meter.spend(10);
    const leave = walkNode(rendering, scope, node, dot);
    if (leave) return leave;
  }
  return undefined;
}

function walkNode(rendering: Rendering, scope: Scope, node: Node, dot: Value): Leave {
  switch (node.kind) {
    case 'text':
      write(rendering, node.text);
      return undefined;
    case 'break':
    case 'continue':
      return node.kind;
    case 'action':
      at(node.pipe.offset, () => {
        const value = evaluatePipe(scope, node.pipe, dot);
        if (node.pipe.variables.length > 0) return;
        write(rendering, value === undefined ? '<no value>' : printed(value, rendering.context.meter));
      });
      return undefined;
    case 'template':
      callTemplate(rendering, scope, node, dot);
      return undefined;
    default:
      return walkBranch(rendering, scope, node, dot);
  }
}

function write(rendering: Rendering, text: string): void {
  rendering.outputChars += text.length;
  if (rendering.outputChars > limits.outputChars) {
    throw new TemplateFailure(`the output has more than ${limits.outputChars} characters`);
  }
  rendering.output.push(text);
}

/** Says where a failure happened that does not know it yet. */
function at<Result>(offset: number, perform: () => Result): Result {
  try {
    return perform();
  } catch (error) {
    if (error instanceof TemplateFailure) error.offset ??= offset;
    throw error;
  }
}

function walkBranch(rendering: Rendering, scope: Scope, node: BranchNode, dot: Value): Leave {
  return at(node.offset, () => {
    rendering.depth += 1;
    if (rendering.depth > limits.evaluationDepth) {
      throw new TemplateFailure(`more than ${limits.evaluationDepth} actions within each other`);
    }
    const mark = scope.variables.length;
    const value = evaluatePipe(scope, node.pipe, dot);
    const leave =
      node.kind === 'range'
        ? walkRange(rendering, scope, node, value, dot)
        : walkChoice(rendering, scope, node, value, dot);
    scope.variables.length = mark;
    rendering.depth -= 1;
    return leave;
  });
}

function walkChoice(rendering: Rendering, scope: Scope, node: BranchNode, value: Value, dot: Value): Leave {
  if (isTrue(value)) return walk(rendering, scope, node.body, node.kind === 'with' ? value : dot);
  return walk(rendering, scope, node.otherwise ?? [], dot);
}

function walkRange(rendering: Rendering, scope: Scope, node: BranchNode, value: Value, dot: Value): Leave {
  const items = itemsOf(value);
  if (items.length === 0) return walk(rendering, scope, node.otherwise ?? [], dot);
  const mark = scope.variables.length;
  const element = node.pipe.variables.length > 0 ? scope.variables[mark - 1] : undefined;
  const index = node.pipe.variables.length > 1 ? scope.variables[mark - 2] : undefined;
  for (const [key, item] of items) {
    rendering.context.meter.spend(10);
    if (element) element.value = item;
    if (index) index.value = key;
    const leave = walk(rendering, scope, node.body, item);
    scope.variables.length = mark;
    if (leave === 'break') break;
  }
  return undefined;
}

function itemsOf(value: Value): readonly (readonly [Value, Value])[] {
  if (value === undefined || value === null) return [];
  if (value instanceof GoList) return value.items.map((item, index) => [BigInt(index), item]);
  if (value instanceof GoMap) return sortedEntries(value);
  throw new TemplateFailure(`range can't iterate over a value of type ${typeName(value)}`);
}

function callTemplate(rendering: Rendering, scope: Scope, node: TemplateNode, dot: Value): void {
  at(node.offset, () => {
    const body = rendering.templates.get(node.name);
    if (!body) throw new TemplateFailure(`template ${JSON.stringify(node.name)} not defined`);
    rendering.templateDepth += 1;
    if (rendering.templateDepth > limits.templateDepth) {
      throw new TemplateFailure(`exceeded maximum template depth (${limits.templateDepth})`);
    }
    const argument = node.pipe && evaluatePipe(scope, node.pipe, dot);
    walk(rendering, scopeOf(rendering, argument), body, argument);
    rendering.templateDepth -= 1;
  });
}
