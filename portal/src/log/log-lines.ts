import { createAnsiReader, type Span } from './ansi.ts';

/** Lines that are shown together; one that is full never changes again. */
export interface LogBlock {
  /** Number of its first line, from 1 on. */
  readonly first: number;
  readonly lines: readonly (readonly Span[])[];
}

const linesPerBlock = 200;
const maxBlocks = 150;
const maxLineLength = 20_000;

/** A log as lines, of which the last 30 000 are kept: memory does not grow with the log. */
export function createLogLines() {
  const reader = createAnsiReader();
  let blocks: LogBlock[] = [];
  let rest = '';
  let count = 0;
  let isInsideLine = false;

  const add = (line: string): void => {
    const shown = line.length > maxLineLength ? `${line.slice(0, maxLineLength)} …` : line;
    const spans = reader.readLine(shown);
    count += 1;
    const last = blocks.at(-1);
    if (last && last.lines.length < linesPerBlock) {
      blocks[blocks.length - 1] = { ...last, lines: [...last.lines, spans] };
    } else {
      blocks.push({ first: count, lines: [spans] });
      if (blocks.length > maxBlocks) blocks = blocks.slice(-maxBlocks);
    }
  };
  return {
    /** Says that what is pushed next may begin inside of a line, whose rest is left out. */
    skip(): void {
      isInsideLine = true;
    },
    push(text: string): void {
      const lines = (rest + text).split('\n');
      if (isInsideLine && lines.length > 1) {
        lines.shift();
        isInsideLine = false;
      }
      rest = lines.pop() ?? '';
      for (const line of lines) add(line);
    },
    /** The blocks as they are now, with the line that is not whole yet. */
    snapshot(): readonly LogBlock[] {
      if (rest === '' || isInsideLine) return [...blocks];
      const spans = reader.copy().readLine(rest.slice(0, maxLineLength));
      return [...blocks, { first: count + 1, lines: [spans] }];
    },
  };
}
