/** Puts variables in place of `$X`, `${X}`, `${X:-default}` and `${X:+other}`; an unknown one is empty. */
export function expandVariables(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(
    /\\\$|\$\{(\w+)(?::([-+])([^}]*))?\}|\$(\w+)/g,
    (match, braced?: string, operator?: string, word?: string, plain?: string) => {
      if (match === '\\$') return '$';
      const value = values.get(braced ?? plain ?? '') ?? '';
      if (operator === '-') return value === '' ? (word ?? '') : value;
      if (operator === '+') return value === '' ? '' : (word ?? '');
      return value;
    },
  );
}
