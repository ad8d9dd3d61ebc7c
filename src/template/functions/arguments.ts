import { ExpressionError, shown } from '../error.ts';
import { isArray, isObject, typeName, type Json, type JsonObject } from '../json.ts';

/** The values with which a function is called, read by type. Every reader throws ExpressionError. */
export class Arguments {
  readonly name: string;
  readonly all: readonly Json[];

  constructor(name: string, all: readonly Json[]) {
    this.name = name;
    this.all = all;
  }

  get count(): number {
    return this.all.length;
  }

  any(index: number): Json {
    return this.all[index] ?? null;
  }

  text(index: number): string {
    const value = this.any(index);
    return typeof value === 'string' ? value : this.#refuse(index, 'a string');
  }

  int(index: number): number {
    const value = this.any(index);
    return Number.isInteger(value) ? Number(value) : this.#refuse(index, 'an int');
  }

  bool(index: number): boolean {
    const value = this.any(index);
    return typeof value === 'boolean' ? value : this.#refuse(index, 'a bool');
  }

  array(index: number): readonly Json[] {
    const value = this.any(index);
    return isArray(value) ? value : this.#refuse(index, 'an array');
  }

  object(index: number): JsonObject {
    const value = this.any(index);
    return isObject(value) ? value : this.#refuse(index, 'an object');
  }

  fail(message: string): never {
    throw new ExpressionError(`the function '${this.name}' ${message}`);
  }

  /** @returns the text that `make` gives, if it is not longer than texts may be. */
  bounded(length: number, make: () => string): string {
    if (length > maxSize)
      this.fail(`would make a text of ${length} characters; at most ${maxSize} are allowed`);
    return make();
  }

  #refuse(index: number, wanted: string): never {
    const value = this.any(index);
    return this.fail(`needs ${wanted} as argument ${index + 1}; it is ${typeName(value)} ${shown(value)}`);
  }
}

/** How large a value may be, in characters of its JSON. */
export const maxSize = 1_048_576;

/** A function that depends on its arguments only. */
export interface PureFunction {
  /** How many arguments it takes, at least and at most. */
  readonly arity: readonly [number, number];
  readonly apply: (args: Arguments) => Json;
}

export type FunctionTable = Readonly<Record<string, PureFunction>>;

/** As many arguments as are wanted. */
export const many = Number.MAX_SAFE_INTEGER;

export function pure(min: number, max: number, apply: (args: Arguments) => Json): PureFunction {
  return { arity: [min, max], apply };
}
