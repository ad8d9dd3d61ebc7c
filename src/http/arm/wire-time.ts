/** A time as the service writes it: UTC with `+00:00` and seven digits of the second. */
export function wireTime(time: Date): string {
  return time.toISOString().replace('Z', '0000+00:00');
}
