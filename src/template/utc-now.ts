import { ExpressionError, shown } from './error.ts';

const part = /'([^']*)'|yyyy|yy|MM|M|dd|d|HH|H|mm|m|ss|s|f{1,7}|[A-Za-z]/g;

/** A time by a format of .NET: `yyyyMMddTHHmmssZ` unless another is given. @throws ExpressionError */
export function utcNow(now: Date, format = 'yyyyMMddTHHmmssZ'): string {
  const iso = now.toISOString();
  if (format === 'o' || format === 'O') return iso.replace('Z', '0000Z');
  if (format === 'u') return iso.replace('T', ' ').replace(/\.\d+/, '');
  if (format === 'd') return utcNow(now, 'M/d/yyyy');
  const values: Readonly<Record<string, string>> = {
    ...{ yyyy: iso.slice(0, 4), yy: iso.slice(2, 4), MM: iso.slice(5, 7), dd: iso.slice(8, 10) },
    ...{ HH: iso.slice(11, 13), mm: iso.slice(14, 16), ss: iso.slice(17, 19), T: 'T', Z: 'Z' },
  };
  return format.replace(part, (found, quoted?: string) => {
    if (quoted !== undefined) return quoted;
    if (found.startsWith('f')) return iso.slice(20, 23).padEnd(7, '0').slice(0, found.length);
    const value = values[found] ?? values[found.repeat(2)];
    if (value === undefined)
      throw new ExpressionError(`the time format ${shown(format)} has an unknown part '${found}'`);
    return found.length === 1 && found !== 'T' && found !== 'Z' ? `${Number(value)}` : value;
  });
}
