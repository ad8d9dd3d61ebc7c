import { InvalidArgumentError } from 'commander';

/** For options that may be given more than once. */
export function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

export function parseWholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError(`${JSON.stringify(text)} is no whole number`);
  return Number(text);
}

/** `20GB`, `500MB` or a number of bytes; units are powers of ten, as engines print them. */
export function parseSize(text: string): number {
  const [, number, unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)\s*([kmgt]?)b?$/i.exec(text) ?? [];
  if (number === undefined) {
    throw new InvalidArgumentError(`${JSON.stringify(text)} is no size; give it as 20GB, 500MB or in bytes`);
  }
  return Math.round(Number(number) * 1000 ** ['', 'k', 'm', 'g', 't'].indexOf(unit.toLowerCase()));
}

/** `10`, `0.5`. */
export function parseNumber(text: string): number {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text))
    throw new InvalidArgumentError(`${JSON.stringify(text)} is no number`);
  return Number(text);
}

/** Hears that whoever started us is gone; does not keep the process alive for it. */
export function onStdinClose(listener: () => void): void {
  process.stdin.resume().once('close', listener);
  process.stdin.unref();
}

/** `NAME=value`, or `NAME` for the value of that environment variable, as in docker build. */
export function parseArgument(text: string): { name: string; value: string } {
  const at = text.indexOf('=');
  return at === -1
    ? { name: text, value: process.env[text] ?? '' }
    : { name: text.slice(0, at), value: text.slice(at + 1) };
}
