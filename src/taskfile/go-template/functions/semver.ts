import { TemplateFailure } from '../failure.ts';
import { GoObject, type Method, SizedInt } from '../values.ts';
import { type FunctionTable, define } from './define.ts';
import { satisfies } from './semver-constraint.ts';

/** sprig's functions of versions, by Masterminds' semver: `v1`, `1.2` and `1.2.3-rc.1+build` are versions. */
export const semverFunctions: FunctionTable = {
  semver: define(['string'], (_, text) => Version.parse(text)),
  semverCompare: define(['string', 'string'], (_, constraint, version) =>
    satisfies(Version.parse(version), constraint),
  ),
};

const pattern =
  /^v?(?<major>\d+)(?:\.(?<minor>\d+))?(?:\.(?<patch>\d+))?(?:-(?<pre>[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?(?:\+(?<metadata>[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?$/;

const maxChars = 256;

export class Version extends GoObject {
  readonly type = '*semver.Version';
  readonly kind = 'ptr';
  readonly original: string;
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: string;
  readonly metadata: string;

  private constructor(original: string, numbers: Version['numbers'], prerelease: string, metadata: string) {
    super();
    this.original = original;
    this.numbers = numbers;
    this.prerelease = prerelease;
    this.metadata = metadata;
  }

  /** @throws TemplateFailure for what is no version. */
  static parse(text: string): Version {
    const groups = text.length > maxChars ? undefined : pattern.exec(text)?.groups;
    if (!groups) throw new TemplateFailure(`Invalid Semantic Version ${JSON.stringify(text)}`);
    const { major, minor, patch, pre = '', metadata = '' } = groups;
    if (pre.split('.').some((part) => /^0\d+$/.test(part))) {
      throw new TemplateFailure(`Version segment starts with 0 in ${JSON.stringify(text)}`);
    }
    return new Version(text, [BigInt(major ?? 0), BigInt(minor ?? 0), BigInt(patch ?? 0)], pre, metadata);
  }

  override toString(): string {
    const { prerelease, metadata } = this;
    return this.numbers.join('.') + (prerelease && `-${prerelease}`) + (metadata && `+${metadata}`);
  }

  override toJSON(): string {
    return this.toString();
  }

  override equals(other: GoObject): boolean {
    return other instanceof Version && other.original === this.original;
  }

  override method(name: string): Method | undefined {
    const value = this.#field(name);
    return value === undefined ? undefined : { parameters: [], run: () => value };
  }

  #field(name: string): string | SizedInt | undefined {
    const index = ['Major', 'Minor', 'Patch'].indexOf(name);
    if (index >= 0) return new SizedInt('uint64', this.numbers[index] ?? 0n);
    if (name === 'Prerelease') return this.prerelease;
    if (name === 'Metadata') return this.metadata;
    if (name === 'Original') return this.original;
    return name === 'String' ? this.toString() : undefined;
  }
}

/** Precedence of two versions; metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] < b.numbers[index] ? -1 : 1;
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

/** A version without a prerelease comes after all those with one. */
export function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? 1 : -1;
  const [left, right] = [a.split('.'), b.split('.')];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const order = comparePart(left[at], right[at]);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  if (isNumber) return BigInt(a) < BigInt(b) ? -1 : 1;
  return a < b ? -1 : 1;
}
