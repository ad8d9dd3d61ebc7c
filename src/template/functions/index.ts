import type { PureFunction } from './arguments.ts';
import { listFunctions } from './list.ts';
import { logicFunctions } from './logic.ts';
import { textFunctions } from './text.ts';

const byName = new Map(
  Object.entries({ ...textFunctions, ...listFunctions, ...logicFunctions }).map(([name, each]) => [
    name.toLowerCase(),
    each,
  ]),
);

/** The function of that name, in any case, if it depends on its arguments only. */
export function pureFunction(name: string): PureFunction | undefined {
  return byName.get(name.toLowerCase());
}

export { Arguments, maxSize } from './arguments.ts';
export { textOf } from './text.ts';
