import { at, ExpressionError, shown } from './error.ts';
import { isExpression, parseExpression, plainTextOf, type Expression } from './expression.ts';
import { Arguments, maxSize, pureFunction, textOf } from './functions/index.ts';
import { isArray, isObject, maxDepth, measure, member, objectOf, typeName, type Json } from './json.ts';
import { lambdaFunctions } from './lambda.ts';
import { expandMembers } from './member-copy.ts';

/** What an expression sees. */
export interface Scope {
  /** Functions that depend on where the expression stands, by their names in lower case. */
  readonly functions: ReadonlyMap<string, (args: Arguments, scope: Scope) => Json>;
  /** Index of each copy loop around, by its name in lower case; `''` is that of the innermost resource. */
  readonly copyIndexes: ReadonlyMap<string, number>;
  /** Variables of the lambdas around. */
  readonly lambdaValues: ReadonlyMap<string, Json>;
  /** Shared by all of one evaluation, so that no template keeps the server busy. */
  readonly budget: { stepsLeft: number; depth: number };
}

/** How deep expressions may call each other, through variables and functions of the template. */
const maxCallDepth = 500;

export function newBudget(): Scope['budget'] {
  return { stepsLeft: 1_000_000, depth: 0 };
}

/** The value of a template's JSON: its texts evaluated, `copy` of members expanded. */
export function evaluateValue(value: Json, scope: Scope, path: string): Json {
  at(path, () => spendStep(scope));
  if (typeof value === 'string') return at(path, () => evaluateText(value, scope));
  if (isArray(value)) return value.map((each, index) => evaluateValue(each, scope, `${path}[${index}]`));
  if (!isObject(value)) return value;
  const members = objectOf(expandMembers(value, scope, path, evaluateValue));
  return at(path, () => checkMeasure(members));
}

function spendStep({ budget }: Scope): void {
  budget.stepsLeft -= 1;
  if (budget.stepsLeft < 0) throw new ExpressionError('the template takes too many steps to evaluate');
}

/** @throws ExpressionError */
export function evaluateText(text: string, scope: Scope): Json {
  return isExpression(text) ? evaluate(parseExpression(text), scope) : plainTextOf(text);
}

/** @throws ExpressionError, and LookupNeeded of `reference` and `list…`. */
export function evaluate(expression: Expression, scope: Scope): Json {
  spendStep(scope);
  const { budget } = scope;
  budget.depth += 1;
  try {
    if (budget.depth > maxCallDepth) throw new ExpressionError('the template is nested too deep to evaluate');
    if (expression.kind === 'literal') return expression.value;
    if (expression.kind === 'member') return evaluateMember(expression, scope);
    return checkMeasure(evaluateCall(expression.name, expression.args, scope));
  } finally {
    budget.depth -= 1;
  }
}

function checkMeasure(value: Json): Json {
  const { size, depth } = measure(value);
  if (size > maxSize) throw new ExpressionError(`the value is larger than ${maxSize} characters`);
  if (depth > maxDepth) throw new ExpressionError(`the value is nested deeper than ${maxDepth} levels`);
  return value;
}

function evaluateMember({ of, name, isSafe }: Expression & { kind: 'member' }, scope: Scope): Json {
  const value = evaluate(of, scope);
  const key = evaluate(name, scope);
  const found =
    isArray(value) && Number.isInteger(key)
      ? value[Number(key)]
      : isObject(value)
        ? member(value, textOf(key))
        : undefined;
  if (found !== undefined) return found;
  if (isSafe || (value === null && isWithinSafe(of))) return null;
  if (isObject(value)) {
    const names = Object.keys(value).slice(0, 20).join(', ');
    throw new ExpressionError(`the object has no member ${shown(key)}; it has: ${names || 'none'}`);
  }
  if (isArray(value))
    throw new ExpressionError(`the array has ${value.length} items; there is no item ${shown(key)}`);
  throw new ExpressionError(`a value of type ${typeName(value)} has no member ${shown(key)}`);
}

/** `a.?b.c` is null as a whole where `a` has no `b`. */
function isWithinSafe(expression: Expression): boolean {
  return expression.kind === 'member' && (expression.isSafe || isWithinSafe(expression.of));
}

function evaluateCall(name: string, args: readonly Expression[], scope: Scope): Json {
  const lower = name.toLowerCase();
  const lazy = lazyFunctions.get(lower);
  if (lazy) return lazy(args, scope);
  const ofLambda = lambdaFunctions.get(lower);
  if (ofLambda) return ofLambda(args, scope, evaluate);
  const values = new Arguments(
    name,
    args.map((each) => evaluate(each, scope)),
  );
  // Some functions put all their arguments together.
  checkMeasure(values.all);
  const ofScope =
    scope.functions.get(lower) ?? (lower.startsWith('list') ? scope.functions.get('list*') : undefined);
  if (ofScope) return ofScope(values, scope);
  const known = pureFunction(name);
  if (!known) throw new ExpressionError(`there is no function '${name}' here`);
  const [least, most] = known.arity;
  if (values.count < least || values.count > most) {
    const wanted = least === most ? `${least}` : most > 100 ? `at least ${least}` : `${least} to ${most}`;
    values.fail(`takes ${wanted} arguments; it was given ${values.count}`);
  }
  return known.apply(values);
}

type Lazy = (args: readonly Expression[], scope: Scope) => Json;

/** Functions that do not evaluate every argument. */
const lazyFunctions: ReadonlyMap<string, Lazy> = new Map<string, Lazy>([
  [
    'if',
    ([condition, yes, no, ...more], scope) => {
      if (!condition || !yes || !no || more.length > 0) {
        throw new ExpressionError("the function 'if' takes 3 arguments");
      }
      return evaluate(flag('if', condition, scope) ? yes : no, scope);
    },
  ],
  ['and', (args, scope) => args.every((each) => flag('and', each, scope))],
  ['or', (args, scope) => args.some((each) => flag('or', each, scope))],
  [
    'coalesce',
    (args, scope) => {
      for (const each of args) {
        const value = evaluate(each, scope);
        if (value !== null) return value;
      }
      return null;
    },
  ],
]);

function flag(name: string, expression: Expression, scope: Scope): boolean {
  return new Arguments(name, [evaluate(expression, scope)]).bool(0);
}
