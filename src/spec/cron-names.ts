export const monthNames = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
] as const;
export const weekdayNames = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;

/** Which of the names a text is, from its first three letters on, in any case; -1 for none. */
export function nameIndex(names: readonly string[], text: string): number {
  const lower = text.toLowerCase();
  return lower.length < 3 ? -1 : names.findIndex((name) => name.startsWith(lower));
}
