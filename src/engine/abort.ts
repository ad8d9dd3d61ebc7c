/** What the work gives, or the signal's reason as soon as it aborts; the work is then left to itself. */
export async function orAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => {}); // after an abort nobody else hears of it
  signal.throwIfAborted();
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
