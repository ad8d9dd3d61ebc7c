/** Rows below a header, in columns as wide as their longest cell. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_name, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** From one time of the API to another: `1.5s`; nothing when one of them is not there. */
export function secondsBetween(start: string | undefined, finish: string | undefined): string {
  if (start === undefined || finish === undefined) return '';
  return `${((Date.parse(finish) - Date.parse(start)) / 1000).toFixed(1)}s`;
}
