/** Keeps the first `limitBytes` of an output and forgets the rest. */
export function keepHead(limitBytes: number): { add(chunk: Uint8Array): void; text(): string } {
  const kept: Uint8Array[] = [];
  let room = limitBytes;
  return {
    add(chunk) {
      if (room <= 0) return;
      const piece = chunk.slice(0, room);
      kept.push(piece);
      room -= piece.length;
    },
    text: () => Buffer.concat(kept).toString('utf8'),
  };
}
