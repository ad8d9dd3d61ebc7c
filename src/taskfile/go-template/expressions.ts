import { TemplateFailure } from './failure.ts';
import type { FunctionContext, FunctionTable, TemplateFunction } from './functions/define.ts';
import type { Command, Operand, Pipe } from './nodes.ts';
import { sourceOf } from './nodes.ts';
import { assignable, literal } from './parameters.ts';
import {
  GoList,
  GoMap,
  GoObject,
  type Method,
  type ParameterType,
  type Value,
  isTrue,
  typeName,
} from './values.ts';

/** The variables in scope and what can be called. */
export interface Scope {
  readonly functions: FunctionTable;
  readonly context: FunctionContext;
  readonly variables: { readonly name: string; value: Value }[];
}

/** No value came through the pipe. */
const nothing = Symbol('nothing');
type Piped = Value | typeof nothing;

/** The value of a pipeline; variables that it declares stay in the scope. */
export function evaluatePipe(scope: Scope, pipe: Pipe, dot: Value): Value {
  let value: Piped = nothing;
  for (const command of pipe.commands) value = evaluateCommand(scope, command, dot, value) ?? undefined;
  // A pipeline has one command at least.
  const result = value === nothing ? undefined : value;
  for (const name of pipe.variables) {
    if (pipe.isAssignment) variable(scope, name, pipe.offset).value = result;
    else scope.variables.push({ name, value: result });
  }
  return result;
}

function variable(scope: Scope, name: string, offset: number) {
  const found = scope.variables.findLast((each) => each.name === name);
  if (!found) throw new TemplateFailure(`undefined variable ${name}`, offset);
  return found;
}

function evaluateCommand(scope: Scope, { operands }: Command, dot: Value, piped: Piped): Value {
  const [first, ...others] = operands;
  scope.context.meter.spend(10);
  switch (first.kind) {
    case 'function':
    case 'field':
    case 'chain':
    case 'variable':
      return call(scope, first, others, dot, piped);
    case 'nil':
      throw new TemplateFailure('nil is not a command', first.offset);
    default:
      if (others.length > 0 || piped !== nothing) notAFunction(first);
      return evaluateOperand(scope, first, dot);
  }
}

function notAFunction(operand: Operand): never {
  throw new TemplateFailure(`can't give argument to non-function ${sourceOf(operand)}`, operand.offset);
}

type Callable = Extract<Operand, { kind: 'function' | 'field' | 'chain' | 'variable' }>;

function call(scope: Scope, operand: Callable, others: readonly Operand[], dot: Value, piped: Piped): Value {
  const { offset } = operand;
  if (operand.kind === 'function') {
    const called = Object.hasOwn(scope.functions, operand.name) ? scope.functions[operand.name] : undefined;
    if (!called) throw new TemplateFailure(`function ${JSON.stringify(operand.name)} not defined`, offset);
    if (operand.name === 'and' || operand.name === 'or') {
      return shortCircuit(scope, operand, others, dot, piped);
    }
    return callFunction(scope, operand, called, others, dot, piped);
  }
  let receiver: Value;
  if (operand.kind === 'field') receiver = dot;
  else if (operand.kind === 'chain') receiver = evaluateOperand(scope, operand.of, dot);
  else receiver = variable(scope, operand.name, offset).value;
  const { names } = operand;
  if (names.length === 0 && (others.length > 0 || piped !== nothing)) notAFunction(operand);
  names.forEach((name, index) => {
    const isLast = index === names.length - 1;
    const given: GivenArguments = { others: isLast ? others : [], piped: isLast ? piped : nothing };
    receiver = evaluateField(scope, receiver, name, offset, dot, given);
  });
  return receiver;
}

interface GivenArguments {
  readonly others: readonly Operand[];
  readonly piped: Piped;
}

function evaluateField(
  scope: Scope,
  receiver: Value,
  name: string,
  offset: number,
  dot: Value,
  { others, piped }: GivenArguments,
): Value {
  if (receiver === undefined) return undefined;
  if (receiver === null) throw new TemplateFailure(`nil pointer evaluating interface {}.${name}`, offset);
  if (receiver instanceof GoMap) {
    if (others.length > 0 || piped !== nothing) {
      throw new TemplateFailure(`${name} is not a method but has arguments`, offset);
    }
    return receiver.entries.get(name);
  }
  const method: Method | undefined = receiver instanceof GoObject ? receiver.method(name) : undefined;
  if (!method)
    throw new TemplateFailure(`can't evaluate field ${name} in type ${typeName(receiver)}`, offset);
  const { parameters } = method;
  const called = { parameters, run: (_: FunctionContext, values: readonly Value[]) => method.run(...values) };
  return callFunction(scope, { name, offset }, called, others, dot, piped);
}

function callFunction(
  scope: Scope,
  { name, offset }: { readonly name: string; readonly offset: number },
  called: TemplateFunction,
  others: readonly Operand[],
  dot: Value,
  piped: Piped,
): Value {
  const { parameters, variadic } = called;
  const given = others.length + (piped === nothing ? 0 : 1);
  const isMore = variadic !== undefined;
  if (isMore ? given < parameters.length : given !== parameters.length) {
    const wanted = `${isMore ? 'at least ' : ''}${parameters.length}`;
    throw new TemplateFailure(`wrong number of args for ${name}: want ${wanted} got ${given}`, offset);
  }
  const typeAt = (index: number): ParameterType => parameters[index] ?? variadic ?? 'interface {}';
  const values = others.map((operand, index) => evaluateArgument(scope, operand, typeAt(index), dot));
  if (piped !== nothing) values.push(assignable(piped, typeAt(values.length), offset));
  try {
    for (const value of values) scope.context.meter.spend(sizeOf(value));
    return called.run(scope.context, values);
  } catch (error) {
    if (!(error instanceof TemplateFailure)) throw error;
    throw new TemplateFailure(`error calling ${name}: ${error.message}`, error.offset ?? offset);
  }
}

/** About the work of going through a value once. */
function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  return value instanceof GoList ? value.items.length : 1;
}

/** `and` and `or` evaluate no more arguments than they need. */
function shortCircuit(
  scope: Scope,
  { name, offset }: { readonly name: string; readonly offset: number },
  others: readonly Operand[],
  dot: Value,
  piped: Piped,
): Value {
  if (others.length === 0 && piped === nothing) {
    throw new TemplateFailure(`wrong number of args for ${name}: want at least 1 got 0`, offset);
  }
  let value: Value;
  for (const operand of others) {
    value = evaluateArgument(scope, operand, 'value', dot);
    if (isTrue(value) === (name === 'or')) return value;
  }
  return piped === nothing ? value : piped;
}

function evaluateArgument(scope: Scope, operand: Operand, type: ParameterType, dot: Value): Value {
  scope.context.meter.spend(5);
  switch (operand.kind) {
    case 'bool':
    case 'string':
    case 'number':
    case 'nil':
      return literal(operand, type);
    default:
      return assignable(evaluateOperand(scope, operand, dot), type, operand.offset);
  }
}

function evaluateOperand(scope: Scope, operand: Operand, dot: Value): Value {
  switch (operand.kind) {
    case 'dot':
      return dot;
    case 'pipe':
      return evaluatePipe(scope, operand, dot);
    case 'function':
    case 'field':
    case 'chain':
    case 'variable':
      return call(scope, operand, [], dot, nothing);
    default:
      return literal(operand, 'interface {}');
  }
}
