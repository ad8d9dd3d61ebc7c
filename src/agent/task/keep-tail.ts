/** Keeps at least the last `limitBytes` of an output, and not much more. */
export function keepTail(limitBytes: number): { add(chunk: Uint8Array): void; text(): string } {
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  return {
    add(chunk) {
      kept.push(chunk);
      keptBytes += chunk.length;
      while (keptBytes - (kept[0]?.length ?? 0) >= limitBytes) keptBytes -= kept.shift()?.length ?? 0;
      // many short ones become one
      if (kept.length > 1024) kept = [Buffer.concat(kept)];
    },
    text: () => Buffer.concat(kept).toString('utf8'),
  };
}
