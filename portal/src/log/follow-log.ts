const waitSeconds = 20;
const pieceBytes = 512 * 1024;
/** Before a log that is not there yet is asked for again, and after trouble. */
const pauseMs = { absent: 500, trouble: 2000 };

interface FollowOptions {
  /** Where the log is read, signed; asked for again when it has expired. */
  readonly getPath: () => Promise<string>;
  /** How much of the end of a long log is wanted. */
  readonly tailBytes: number;
  /** Told when the beginning of a long log is left out. */
  readonly onSkip: () => void;
  readonly onText: (text: string) => void;
  /** Told when nothing came for a while because of this; and without, when it goes on. */
  readonly onTrouble: (reason: string | undefined) => void;
  readonly signal: AbortSignal;
}

/** Hands on a log as it grows, until it is complete; nothing is lost and nothing comes twice. */
export async function followLog(options: FollowOptions): Promise<void> {
  const { getPath, signal, onTrouble } = options;
  const decoder = new TextDecoder();
  let path: string | undefined;
  let position: number | undefined;
  while (!signal.aborted) {
    try {
      await untilVisible(signal);
      path ??= await getPath();
      position ??= await firstPosition(path, options);
      const response = await fetch(`${path}&wait=${waitSeconds}`, {
        headers: { 'x-ms-range': `bytes=${position}-${position + pieceBytes - 1}` },
        signal,
      });
      const complete = response.headers.get('x-ms-meta-complete');
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (response.status === 403) path = undefined;
      else if (response.ok) {
        onTrouble(undefined);
        position += bytes.length;
        options.onText(decoder.decode(bytes, { stream: true }));
        const total = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? Infinity);
        if (complete !== null && position >= total) return;
      } else if (response.status === 416) {
        onTrouble(undefined);
        if (complete !== null) return; // it ends here
      } else if (response.status === 404) await pause(pauseMs.absent, signal);
      else throw new Error(`the server answered ${response.status}`);
    } catch (error) {
      if (signal.aborted) return;
      onTrouble((error as Error).message); // only errors are thrown
      await pause(pauseMs.trouble, signal);
    }
  }
}

/** Where reading begins: at the start, or so far from the end of a long log. */
async function firstPosition(path: string, { tailBytes, onSkip, signal }: FollowOptions): Promise<number> {
  const response = await fetch(path, { method: 'HEAD', signal });
  const size = response.ok ? Number(response.headers.get('content-length') ?? 0) : 0;
  const skipped = Math.max(0, size - tailBytes);
  if (skipped > 0) onSkip();
  return skipped;
}

/** Tabs that nobody looks at give their connection to others: a browser has six to a host. */
function untilVisible(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', () => resolve(), { once: true, signal });
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
