/**
 * Ends what the set-up of a file started, one after another: each also when one before it fails, or never
 * started because the set-up failed. Otherwise what still runs would keep the file from ending.
 * @throws the first fault, at the end
 */
export async function stopAll(...stops: readonly (() => Promise<unknown> | undefined)[]): Promise<void> {
  const faults: unknown[] = [];
  for (const stop of stops) {
    try {
      await stop();
    } catch (fault) {
      faults.push(fault);
    }
  }
  if (faults.length > 0) throw faults[0];
}
