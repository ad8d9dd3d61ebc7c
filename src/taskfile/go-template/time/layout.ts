// The parts of a layout that stand for something, as nextStdChunk of Go's time finds them.
const chunk =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|2006|__2|_2(?!006)|[1-5]|PM|pm|-070000|-07:00:00|-0700|-07:00|-07|Z070000|Z07:00:00|Z0700|Z07:00|Z07|[.,](?:0+|9+)(?!\d)/g;

export interface LayoutPart {
  readonly kind: 'chunk' | 'literal';
  readonly text: string;
}

/** Cuts a layout as `2006-01-02` in what stands for something and what stands for itself. */
export function layoutParts(layout: string): LayoutPart[] {
  const parts: LayoutPart[] = [];
  let at = 0;
  for (const match of layout.matchAll(chunk)) {
    if (match.index > at) parts.push({ kind: 'literal', text: layout.slice(at, match.index) });
    parts.push({ kind: 'chunk', text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < layout.length) parts.push({ kind: 'literal', text: layout.slice(at) });
  return parts;
}

export const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
