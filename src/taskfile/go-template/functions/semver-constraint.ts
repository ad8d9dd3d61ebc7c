import { TemplateFailure } from '../failure.ts';
import { Version, comparePrereleases, compareVersions } from './semver.ts';

const operator = String.raw`=>|<=|=<|>=|~>|!=|=|>|<|~|\^|`;
const version = String.raw`v?[\dxX*|]+(?:\.[\dxX*|]+)?(?:\.[\dxX*|]+)?(?:-[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?`;
const one = new RegExp(String.raw`(?<operator>${operator})\s*(?<version>${version})`, 'g');
const range = new RegExp(String.raw`\s*(${version})\s+-\s+(${version})\s*`, 'g');
const maxChars = 500;

interface Constraint {
  readonly operator: string;
  readonly version: Version;
  /** From which number on anything goes: 0 for `*`, 1 for `1`, 2 for `1.2`, 3 for none. */
  readonly given: 0 | 1 | 2 | 3;
}

/**
 * Whether the version meets a constraint as `>=1.2 <2 || ~3.1`, by Masterminds' semver v3.
 * @throws TemplateFailure for what is no constraint.
 */
export function satisfies(candidate: Version, text: string): boolean {
  if (text.length > maxChars) throw new TemplateFailure(`a constraint has at most ${maxChars} characters`);
  const alternatives = text.replace(range, '>= $1, <= $2').split('||').map(parseAll);
  return alternatives.some((all) => all.every((constraint) => meets(candidate, constraint)));
}

function parseAll(text: string): Constraint[] {
  const found = [...text.matchAll(one)];
  if (found.length === 0 || /[^\s,]/.test(text.replace(one, ' '))) {
    throw new TemplateFailure(`improper constraint: ${text}`);
  }
  return found.map(({ groups }) => parseOne(groups?.['operator'] ?? '', groups?.['version'] ?? ''));
}

function parseOne(operator: string, text: string): Constraint {
  const [, numbers = '', rest = ''] = /^v?([^-+]*)(.*)$/s.exec(text) ?? [];
  const parts = numbers.split('.');
  const anything = parts.findIndex((part) => /^[xX*]$/.test(part));
  // At most three numbers, says the pattern.
  const given = (anything < 0 ? parts.length : anything) as Constraint['given'];
  const whole = [...parts.slice(0, given), '0', '0', '0'].slice(0, 3).join('.');
  return { operator, version: Version.parse(whole + rest), given };
}

function meets(candidate: Version, constraint: Constraint): boolean {
  const { operator, version, given } = constraint;
  const wantsNoPrerelease = candidate.prerelease !== '' && version.prerelease === '';
  // An exact `!=` is the only one that prereleases meet without being asked for.
  if (wantsNoPrerelease && !(operator === '!=' && given === 3)) return false;
  const order = compareVersions(candidate, version);
  switch (operator) {
    case '!=':
      return given === 3 ? order !== 0 : differs(candidate, constraint);
    case '>':
      return given === 3 ? order > 0 : compareGiven(candidate, constraint) > 0;
    case '<':
      return order < 0;
    case '>=':
    case '=>':
      return order >= 0;
    case '<=':
    case '=<':
      return given === 3 ? order <= 0 : compareGiven(candidate, constraint) <= 0;
    case '^':
      return order >= 0 && isInCaret(candidate, constraint);
    case '~':
    case '~>':
      return order >= 0 && isInTilde(candidate, constraint);
    default:
      return given === 3 ? order === 0 : order >= 0 && isInTilde(candidate, constraint);
  }
}

/** Compares no more numbers than the constraint gives. */
function compareGiven(candidate: Version, { version, given }: Constraint): number {
  for (const index of [0, 1, 2].slice(0, Math.max(given, 1))) {
    const [a, b] = [candidate.numbers[index] ?? 0n, version.numbers[index] ?? 0n];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

function differs(candidate: Version, constraint: Constraint): boolean {
  if (compareGiven(candidate, constraint) !== 0) return true;
  return (
    constraint.given === 2 && comparePrereleases(candidate.prerelease, constraint.version.prerelease) !== 0
  );
}

function isInTilde(candidate: Version, { version, given }: Constraint): boolean {
  const [major, minor] = version.numbers;
  if (given !== 1 && version.numbers.every((each) => each === 0n)) return true;
  return candidate.numbers[0] === major && (given === 1 || candidate.numbers[1] === minor);
}

function isInCaret(candidate: Version, { version, given }: Constraint): boolean {
  const [major, minor, patch] = candidate.numbers;
  if (version.numbers[0] > 0n || given === 1) return major === version.numbers[0];
  if (major > 0n) return false;
  if (version.numbers[1] > 0n || given === 2) return minor === version.numbers[1];
  return minor === 0n && patch === version.numbers[2];
}
