import { type Meter, checkValueDepth } from './meter.ts';
import { GoList, GoMap, GoObject, SizedInt, type Value } from './values.ts';

/** reflect.DeepEqual of Go: types and values are the same, nil and empty are not. */
export function deepEqual(a: Value, b: Value, meter: Meter, depth = 0): boolean {
  checkValueDepth(depth);
  meter.spend(1);
  if ((a ?? null) === (b ?? null)) return true;
  if (a instanceof SizedInt && b instanceof SizedInt) return a.type === b.type && a.value === b.value;
  if (a instanceof GoObject && b instanceof GoObject) return a.type === b.type && a.equals(b);
  if (a instanceof GoList && b instanceof GoList) {
    return (
      a.type === b.type &&
      a.isNil === b.isNil &&
      a.items.length === b.items.length &&
      a.items.every((item, index) => deepEqual(item, b.items[index], meter, depth + 1))
    );
  }
  if (a instanceof GoMap && b instanceof GoMap) {
    return (
      a.type === b.type &&
      a.entries.size === b.entries.size &&
      [...a.entries].every(
        ([key, item]) => b.entries.has(key) && deepEqual(item, b.entries.get(key), meter, depth + 1),
      )
    );
  }
  return false;
}
