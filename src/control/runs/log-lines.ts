/** A line of the service in a run's log: `2026/11/24 03:47:43 message`, UTC, ended as clients split them. */
export function logLine(now: Date, message: string): Uint8Array {
  const stamp = now.toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
  return Buffer.from(`${stamp} ${message}\r\n`);
}

/** The last line of a run that the service itself ends; shaped as the agents' own last lines. */
export function lastLine(now: Date, message: string): Uint8Array {
  return Buffer.concat([Buffer.from('\r\n'), logLine(now, message).subarray('YYYY/MM/DD HH:MM:SS '.length)]);
}
