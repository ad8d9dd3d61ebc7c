const headerBytes = 8;

/**
 * Takes the frames apart in which an engine sends a container's stdout and stderr (ContainerAttach: stream,
 * 3 bytes, length in 4 bytes). What is in them comes out in the order in which it was sent; a chunk that is
 * given is used for it.
 */
export function createFrameReader(): (chunk: Buffer) => Buffer {
  const header = Buffer.alloc(headerBytes);
  let headerAt = 0;
  let leftBytes = 0;
  return (chunk) => {
    let at = 0;
    let end = 0;
    while (at < chunk.length) {
      if (leftBytes === 0) {
        const taken = chunk.copy(header, headerAt, at, at + headerBytes - headerAt);
        at += taken;
        headerAt += taken;
        if (headerAt < headerBytes) break;
        headerAt = 0;
        leftBytes = header.readUInt32BE(4);
      } else {
        const bytes = Math.min(leftBytes, chunk.length - at);
        chunk.copyWithin(end, at, at + bytes);
        at += bytes;
        end += bytes;
        leftBytes -= bytes;
      }
    }
    return chunk.subarray(0, end);
  };
}
