import { TemplateFailure } from './failure.ts';
import { type NumberOperand, type Operand, sourceOf } from './nodes.ts';
import { GoMap, type ParameterType, type Value, typeName } from './values.ts';

type Literal = Extract<Operand, { kind: 'bool' | 'string' | 'number' | 'nil' }>;

/** A literal as an argument of the type, or the error that Go gives. */
export function literal(operand: Literal, type: ParameterType): Value {
  const isAny = type === 'interface {}' || type === 'value';
  switch (operand.kind) {
    case 'nil':
      if (isAny) return null;
      if (type === 'map[string]interface {}') return nilMap();
      throw new TemplateFailure(`cannot assign nil to ${type}`, operand.offset);
    case 'bool':
      if (isAny || type === 'bool') return operand.value;
      break;
    case 'string':
      if (isAny || type === 'string') return operand.value;
      break;
    case 'number':
      if (isAny) return ideal(operand);
      if (type === 'float64' && operand.float !== undefined) return operand.float;
      if (type === 'int' && operand.int !== undefined) return operand.int;
      if (type === 'uint32' && operand.int !== undefined && operand.int >= 0n) return operand.int;
  }
  throw new TemplateFailure(`expected ${type}; found ${sourceOf(operand)}`, operand.offset);
}

/** A number whose syntax alone tells its type: with a point or an exponent it is a float. */
function ideal({ source, int, float }: NumberOperand): Value {
  const isFloat = source.startsWith("'")
    ? false
    : /^[+-]?0[xX]/.test(source)
      ? /[pP]/.test(source)
      : /[.eEpP]/.test(source);
  return isFloat ? float : int;
}

const nilMap = () => new GoMap('map[string]interface {}', new Map(), true);

/** The value, when a parameter of the type takes it. */
export function assignable(value: Value, type: ParameterType, offset: number): Value {
  if (type === 'value') return value;
  if (type === 'interface {}') return value ?? null;
  if (value === undefined) {
    if (type === 'map[string]interface {}') return nilMap();
    throw new TemplateFailure(`invalid value; expected ${type}`, offset);
  }
  const given = value === null ? 'interface {}' : typeName(value);
  if (given === type) return value;
  throw new TemplateFailure(`wrong type for value; expected ${type}; got ${given}`, offset);
}
