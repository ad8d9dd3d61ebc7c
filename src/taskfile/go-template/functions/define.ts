import type { GoTime } from '../time/time.ts';
import type { Meter } from '../meter.ts';
import type { GoMap, ParameterType, Value } from '../values.ts';

/** What functions may know beside their arguments. */
export interface FunctionContext {
  readonly now: Date;
  random(below: number): number;
  readonly meter: Meter;
}

/** A function with its signature in Go; the evaluator checks arguments against it. */
export interface TemplateFunction {
  readonly parameters: readonly ParameterType[];
  /** The type of any number of further arguments. */
  readonly variadic?: ParameterType;
  readonly run: (context: FunctionContext, values: readonly Value[]) => Value;
}

export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

interface Given {
  'interface {}': Value;
  value: Value;
  string: string;
  bool: boolean;
  int: bigint;
  uint32: bigint;
  float64: number;
  'time.Time': GoTime;
  'map[string]interface {}': GoMap;
}
type GivenAll<Parameters extends readonly ParameterType[]> = {
  [Index in keyof Parameters]: Given[Parameters[Index]];
};

/** A function of a fixed number of arguments. */
export function define<const Parameters extends readonly ParameterType[]>(
  parameters: Parameters,
  run: (context: FunctionContext, ...values: GivenAll<Parameters>) => Value,
): TemplateFunction {
  // The evaluator calls with values of these types only.
  return {
    parameters,
    run: (context, values) => run(context, ...(values as unknown as GivenAll<Parameters>)),
  };
}

/** A function of any number of arguments after the fixed ones, which it gets as an array. */
export function variadic<const Parameters extends readonly ParameterType[], Rest extends ParameterType>(
  parameters: Parameters,
  rest: Rest,
  run: (context: FunctionContext, more: Given[Rest][], ...values: GivenAll<Parameters>) => Value,
): TemplateFunction {
  const fixed = parameters.length;
  return {
    parameters,
    variadic: rest,
    run: (context, values) =>
      run(
        context,
        // As above.
        values.slice(fixed) as Given[Rest][],
        ...(values.slice(0, fixed) as unknown as GivenAll<Parameters>),
      ),
  };
}
