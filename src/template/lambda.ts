import { ExpressionError } from './error.ts';
import type { Scope } from './evaluate.ts';
import type { Expression } from './expression.ts';
import { Arguments, textOf } from './functions/index.ts';
import { objectOf, type Json } from './json.ts';

type Evaluate = (expression: Expression, scope: Scope) => Json;
type LambdaFunction = (args: readonly Expression[], scope: Scope, evaluate: Evaluate) => Json;

/** Functions that apply a `lambda('name', …, expression)` to the items of an array. */
export const lambdaFunctions: ReadonlyMap<string, LambdaFunction> = new Map<string, LambdaFunction>([
  [
    'lambdavariables',
    (args, scope, evaluate) => {
      const name = new Arguments(
        'lambdaVariables',
        args.map((each) => evaluate(each, scope)),
      ).text(0);
      const value = scope.lambdaValues.get(name.toLowerCase());
      if (value === undefined) throw new ExpressionError(`there is no lambda variable '${name}' here`);
      return value;
    },
  ],
  ['map', (...call) => itemsOf('map', call).map((item, index) => apply(1, [item, index], call))],
  [
    'filter',
    (...call) =>
      itemsOf('filter', call).filter((item, index) => isTrue('filter', apply(1, [item, index], call))),
  ],
  [
    'reduce',
    (...call) => {
      const [args, scope, evaluate] = call;
      const start = args[1] ? evaluate(args[1], scope) : null;
      return itemsOf('reduce', call).reduce<Json>(
        (sum, item, index) => apply(2, [sum, item, index], call),
        start,
      );
    },
  ],
  [
    'sort',
    (...call) => [...itemsOf('sort', call)].sort((a, b) => (isTrue('sort', apply(1, [a, b], call)) ? -1 : 1)),
  ],
  [
    'toobject',
    (...call) =>
      objectOf(
        itemsOf('toObject', call).map((item): [string, Json] => [
          textOf(apply(1, [item], call)),
          call[0].length > 2 ? apply(2, [item], call) : item,
        ]),
      ),
  ],
]);

type Call = Parameters<LambdaFunction>;

function itemsOf(name: string, [args, scope, evaluate]: Call): readonly Json[] {
  return new Arguments(name, args[0] ? [evaluate(args[0], scope)] : []).array(0);
}

/** Applies the lambda that is the argument at `index`; values that it does not name are dropped. */
function apply(index: number, values: readonly Json[], [args, scope, evaluate]: Call): Json {
  const lambda = args[index];
  if (lambda?.kind !== 'call' || lambda.name.toLowerCase() !== 'lambda' || lambda.args.length === 0) {
    throw new ExpressionError(`argument ${index + 1} must be lambda('name', …)`);
  }
  const names = lambda.args.slice(0, -1).map((each) => textOf(evaluate(each, scope)).toLowerCase());
  const lambdaValues = new Map([
    ...scope.lambdaValues,
    ...names.map((name, at): [string, Json] => [name, values[at] ?? null]),
  ]);
  const body = lambda.args.at(-1);
  return body ? evaluate(body, { ...scope, lambdaValues }) : null;
}

function isTrue(name: string, value: Json): boolean {
  return new Arguments(name, [value]).bool(0);
}
