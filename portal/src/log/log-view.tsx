import { memo, useEffect, useRef, useState } from 'react';
import { Notice } from '../parts/notice.tsx';
import { followLog } from './follow-log.ts';
import { createLogLines, type LogBlock } from './log-lines.ts';
import { useFollow } from './use-follow.ts';

const tailBytes = 2 * 1024 * 1024;
/** Of the stylesheet, in pixels: by it the browser guesses the height of blocks that it has not yet laid out. */
const lineHeight = 19.375;

interface LogViewProps {
  readonly runId: string;
  readonly getPath: () => Promise<string>;
  /** Whether it is shown from its end and stays there. */
  readonly startsAtEnd: boolean;
}

/** A run's log with its colours, as it grows. */
export function LogView({ runId, getPath, startsAtEnd }: LogViewProps) {
  const { blocks, isTail, trouble, isComplete } = useLog(runId, getPath);
  const box = useRef<HTMLDivElement>(null);
  const { isFollowing, setFollowing, handlers } = useFollow(box, startsAtEnd);
  const [error, setError] = useState<string>();
  const download = async (): Promise<void> => {
    try {
      const link = document.createElement('a');
      link.href = await getPath();
      link.download = `${runId}.log`;
      link.click();
    } catch (failure) {
      setError((failure as Error).message); // only errors are thrown
    }
  };
  return (
    <section className="log" aria-label="Log">
      <header>
        <h2>Log</h2>
        <span role="status">
          {isComplete && <span className="hidden">The log is complete.</span>}
          {!isComplete && blocks.length > 0 && (
            <span className="live">
              <i aria-hidden="true" />
              live
            </span>
          )}
        </span>
        <label className="check">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={(event) => setFollowing(event.target.checked)}
          />
          Follow
        </label>
        <button type="button" className="quiet" onClick={() => void download()}>
          Download
        </button>
      </header>
      {error !== undefined && <Notice kind="error">{error}</Notice>}
      {trouble !== undefined && <Notice kind="error">The log stands still: {trouble}. Trying again.</Notice>}
      <div
        className={isTail ? 'terminal unnumbered' : 'terminal'}
        ref={box}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={`Log of run ${runId}`}
        {...handlers}
      >
        <div>
          {(isTail || (blocks[0]?.first ?? 1) > 1) && (
            <p className="skipped">The beginning is left out here; the download has all of it.</p>
          )}
          {blocks.length === 0 && (
            <p className="skipped">{isComplete ? 'There is no log.' : 'Waiting for the first line…'}</p>
          )}
          {blocks.map((block) => (
            <Block key={block.first} block={block} />
          ))}
        </div>
      </div>
    </section>
  );
}

const Block = memo(function Block({ block }: { readonly block: LogBlock }) {
  return (
    <div className="block" style={{ containIntrinsicSize: `auto ${block.lines.length * lineHeight}px` }}>
      {block.lines.map((spans, index) => (
        <div className="line" key={index} data-line={block.first + index}>
          {spans.map(({ text, className, color }, at) =>
            className === '' && color === undefined ? (
              text
            ) : (
              <span key={at} className={className} style={color === undefined ? {} : { color }}>
                {text}
              </span>
            ),
          )}
          {'\n'}
        </div>
      ))}
    </div>
  );
});

interface LogState {
  readonly blocks: readonly LogBlock[];
  /** Whether its beginning was not read. */
  readonly isTail: boolean;
  readonly trouble: string | undefined;
  readonly isComplete: boolean;
}

const nothing: LogState = { blocks: [], isTail: false, trouble: undefined, isComplete: false };

function useLog(runId: string, getPath: () => Promise<string>): LogState {
  const [state, setState] = useState(nothing);
  const latest = useRef(getPath);
  useEffect(() => {
    latest.current = getPath;
  });
  useEffect(() => {
    const gone = new AbortController();
    const lines = createLogLines();
    const change = (changes: Partial<LogState>): void => {
      if (!gone.signal.aborted) setState((old) => ({ ...old, ...changes }));
    };
    setState(nothing);
    let frame: number | undefined;
    const show = (): void => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined;
        change({ blocks: lines.snapshot() });
      });
    };
    void followLog({
      getPath: () => latest.current(),
      tailBytes,
      onSkip: () => {
        lines.skip();
        change({ isTail: true });
      },
      onText: (text) => {
        lines.push(text);
        show();
      },
      onTrouble: (trouble) => change({ trouble }),
      signal: gone.signal,
    }).then(() => change({ isComplete: true, blocks: lines.snapshot() }));
    return () => {
      gone.abort();
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
  }, [runId]);
  return state;
}
