import { stripVTControlCharacters } from 'node:util';

/** Shows a run's log as it comes and, below it on a terminal, one line that says where the run is. */
export interface Display {
  /** What goes on now: `uploading 2.1 MiB`, `queued, 3 runs before it`. */
  status(text: string): void;
  log(bytes: Uint8Array): void;
  /** A line of ours among the log. */
  line(text: string): void;
  end(): void;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** On a terminal with a moving status line, otherwise plain lines: the log on stdout, ours on stderr. */
export function openDisplay(isTerminal: boolean): Display {
  return isTerminal ? terminalDisplay() : plainDisplay();
}

function plainDisplay(): Display {
  let last = '';
  return {
    status(text) {
      if (text !== last) process.stderr.write(`${text}\n`);
      last = text;
    },
    log: (bytes) => void process.stdout.write(bytes),
    line: (text) => void process.stderr.write(`${text}\n`),
    end() {},
  };
}

function terminalDisplay(): Display {
  const startedAt = Date.now();
  let text = '';
  let frame = 0;
  let isLineOpen = false;
  const clear = (): string => (text === '' ? '' : '\r\x1b[2K');
  const render = (): void => {
    if (text === '' || isLineOpen) return;
    const seconds = Math.floor((Date.now() - startedAt) / 1000);
    const elapsed = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
    const width = (process.stdout.columns ?? 80) - 1;
    const line = `${frames[frame % frames.length]} ${text} · ${elapsed}`.slice(0, width);
    process.stdout.write(`\r\x1b[2K\x1b[36m${line}\x1b[0m`);
  };
  const timer = setInterval(() => {
    frame += 1;
    render();
  }, 100);
  return {
    status(next) {
      text = next;
      render();
    },
    log(bytes) {
      const output = Buffer.from(bytes).toString('utf8');
      text = stepIn(output) ?? text;
      process.stdout.write(`${isLineOpen ? '' : clear()}${output}`);
      isLineOpen = !output.endsWith('\n');
      render();
    },
    line(next) {
      process.stdout.write(`${isLineOpen ? '\n' : clear()}${next}\n`);
      isLineOpen = false;
      render();
    },
    end() {
      clearInterval(timer);
      process.stdout.write(isLineOpen ? '\n' : clear());
      text = '';
    },
  };
}

/** The last build step that the output begins: BuildKit's `#7 [stage 2/4] RUN make`. */
function stepIn(output: string): string | undefined {
  const steps = [...stripVTControlCharacters(output).matchAll(/^#\d+ (\[(?:[\w.-]+ )?\d+\/\d+\] .+?)\r?$/gm)];
  return steps.at(-1)?.[1];
}
