const mostInWindow = 60;
const windowMs = 60_000;
const mostKeys = 10_000;

/**
 * Counts the forged requests of each sender to each hook: 60 a minute are looked at. Senders that know the
 * secret are not counted, and no forger is at their address who does not know the URL of the very hook: an
 * address alone may be that of a proxy or of a provider's thousands of customers. Takes at most 10,000 entries.
 */
export function createForgeries(now: () => Date) {
  const windows = new Map<string, { count: number; endsAt: number }>();
  return {
    /** How many seconds nothing more of the sender is looked at; 0 when it is. */
    secondsLeft(key: string): number {
      const window = windows.get(key);
      if (!window || window.count < mostInWindow) return 0;
      return Math.max(0, Math.ceil((window.endsAt - now().getTime()) / 1000));
    },
    count(key: string): void {
      const time = now().getTime();
      const window = windows.get(key);
      if (window && window.endsAt > time) {
        window.count += 1;
        return;
      }
      windows.delete(key); // to its end: the oldest are first
      windows.set(key, { count: 1, endsAt: time + windowMs });
      for (const [oldest] of windows) {
        if (windows.size <= mostKeys) break;
        windows.delete(oldest);
      }
    },
    get size(): number {
      return windows.size;
    },
  };
}
