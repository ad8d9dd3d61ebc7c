/** A piece of a line in one style. */
export interface Span {
  readonly text: string;
  readonly className: string;
  /** A colour beyond the sixteen that have names, such as `rgb(1 2 3)`. */
  readonly color?: string;
}

interface Style {
  isBold: boolean;
  isDim: boolean;
  isItalic: boolean;
  isUnderlined: boolean;
  isInverse: boolean;
  /** `0` to `15`, or a CSS colour. */
  foreground: string | undefined;
  background: string | undefined;
}

const plain: Style = {
  isBold: false,
  isDim: false,
  isItalic: false,
  isUnderlined: false,
  isInverse: false,
  foreground: undefined,
  background: undefined,
};

/** Control sequences (ECMA-48 §5.4), operating system commands, other escapes, and what has no glyph. */
const escapes =
  /\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|[\0-\x08\x0b-\x1f\x7f]/g;

/**
 * Reads the lines of a terminal: colours and weights (SGR, ECMA-48 §8.3.117) go on from line to line, all other
 * sequences vanish, and of a line that was written over with `\r` the last state is kept.
 */
export function createAnsiReader(): {
  readLine(line: string): Span[];
  copy(): { readLine(line: string): Span[] };
} {
  return readerFrom(plain);
}

function readerFrom(start: Style) {
  let style = { ...start };
  return {
    readLine(line: string): Span[] {
      const spans: Span[] = [];
      const visible = line.slice(line.lastIndexOf('\r', line.length - 2) + 1);
      let end = 0;
      for (const match of visible.matchAll(escapes)) {
        push(spans, visible.slice(end, match.index), style);
        end = match.index + match[0].length;
        if (match[2] === 'm') style = applied(style, match[1] ?? '');
      }
      push(spans, visible.slice(end), style);
      return spans;
    },
    /** A reader that goes on from here by itself: for a line that is not whole yet. */
    copy: () => readerFrom(style),
  };
}

function push(spans: Span[], text: string, style: Style): void {
  if (text === '') return;
  const [foreground, background] = style.isInverse
    ? [style.background ?? 'inverse', style.foreground ?? 'inverse']
    : [style.foreground, style.background];
  const isNamed = (color: string | undefined): boolean => color !== undefined && /^\w+$/.test(color);
  const names = [
    style.isBold && 'bold',
    style.isDim && 'dim',
    style.isItalic && 'italic',
    style.isUnderlined && 'underlined',
    isNamed(foreground) && `fg-${foreground}`,
    isNamed(background) && `bg-${background}`,
  ];
  const className = names.filter(Boolean).join(' ');
  const isRgb = foreground !== undefined && !isNamed(foreground);
  spans.push({ text, className, ...(isRgb && { color: foreground }) });
}

function applied(before: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map(Number);
  let style = { ...before };
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 0) style = { ...plain };
    else if (code === 1) style.isBold = true;
    else if (code === 2) style.isDim = true;
    else if (code === 3) style.isItalic = true;
    else if (code === 4) style.isUnderlined = true;
    else if (code === 7) style.isInverse = true;
    else if (code === 22) style = { ...style, isBold: false, isDim: false };
    else if (code === 23) style.isItalic = false;
    else if (code === 24) style.isUnderlined = false;
    else if (code === 27) style.isInverse = false;
    else if (code >= 30 && code <= 37) style.foreground = `${code - 30}`;
    else if (code >= 90 && code <= 97) style.foreground = `${code - 82}`;
    else if (code >= 40 && code <= 47) style.background = `${code - 40}`;
    else if (code >= 100 && code <= 107) style.background = `${code - 92}`;
    else if (code === 39) style.foreground = undefined;
    else if (code === 49) style.background = undefined;
    else if (code === 38 || code === 48) {
      const isIndexed = codes[index + 1] === 5;
      const [red = 0, green = 0, blue = 0] = codes.slice(index + 2, index + 5);
      const color = isIndexed ? indexed(red) : `rgb(${red & 255} ${green & 255} ${blue & 255})`;
      index += isIndexed ? 2 : 4;
      if (code === 38) style.foreground = color;
      else style.background = color;
    }
  }
  return style;
}

/** One of xterm's 256 colours: 16 with names, a cube of 6×6×6, and 24 greys. */
function indexed(index: number): string {
  if (!(index >= 16)) return `${index || 0}`;
  if (index >= 232) {
    const grey = 8 + (Math.min(index, 255) - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (part: number): number => (part === 0 ? 0 : 55 + part * 40);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}
