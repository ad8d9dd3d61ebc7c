import { TemplateFailure } from '../failure.ts';
import { GoObject, type Value, isTrue, kindName, typeName } from '../values.ts';
import { type FunctionTable, define, variadic } from './define.ts';

/** sprig's functions of defaults, flow and types. */
export const defaults: FunctionTable = {
  default: variadic(['interface {}'], 'interface {}', (_, given, otherwise) =>
    isEmpty(given[0]) ? otherwise : given[0],
  ),
  empty: define(['interface {}'], (_, value) => isEmpty(value)),
  coalesce: variadic([], 'interface {}', (_, values) => values.find((value) => !isEmpty(value)) ?? null),
  all: variadic([], 'interface {}', (_, values) => !values.some(isEmpty)),
  any: variadic([], 'interface {}', (_, values) => values.some((value) => !isEmpty(value))),
  ternary: define(['interface {}', 'interface {}', 'bool'], (_, yes, no, isYes) => (isYes ? yes : no)),
  fail: define(['string'], (_, message) => {
    throw new TemplateFailure(message);
  }),
  typeOf: define(['interface {}'], (_, value) => typeName(value)),
  typeIs: define(['string', 'interface {}'], (_, type, value) => typeName(value) === type),
  typeIsLike: define(['string', 'interface {}'], (_, type, value) =>
    [type, `*${type}`].includes(typeName(value)),
  ),
  kindOf: define(['interface {}'], (_, value) => kindName(value)),
  kindIs: define(['string', 'interface {}'], (_, kind, value) => kindName(value) === kind),
  hello: define([], () => 'Hello!'),
};

/** Whether sprig takes a value for not given. */
export const isEmpty = (value: Value): boolean => !(value instanceof GoObject) && !isTrue(value);
