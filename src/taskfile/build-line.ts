import { buildFlags, type BuildFlag } from './build-flags.ts';

export interface BuildLine {
  /** In the order in which they were written; a switch has `true` or `false`. */
  readonly flags: readonly { readonly flag: BuildFlag; readonly value: string }[];
  /** What is no flag: the contexts. */
  readonly others: readonly string[];
}

/**
 * Tells the flags of a `docker build` line from its context, as docker does: `--name=value`, `--name value`,
 * `-n value`, `-nvalue`, `-n=value`, several short switches in one word, `--` before what only looks like a flag.
 * @param fail is called for what docker would not know, and must throw.
 */
export function readBuildLine(words: readonly string[], fail: (what: string) => never): BuildLine {
  const flags: { flag: BuildFlag; value: string }[] = [];
  const others: string[] = [];
  const queue = [...words];
  const add = (written: string, flag: BuildFlag, given: string | undefined): void => {
    const value = given ?? (flag.isSwitch ? 'true' : queue.shift());
    if (value === undefined) fail(`${written} needs a value`);
    if (flag.isSwitch && !/^(true|false|1|0|t|f)$/i.test(value))
      fail(`${written} is ${JSON.stringify(value)}; it must be true or false`);
    flags.push({ flag, value: flag.isSwitch ? String(/^[1t]/i.test(value)) : value });
  };
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--') {
      others.push(...queue.splice(0));
    } else if (word.startsWith('--')) {
      const [written = '', ...value] = word.split('=');
      const flag = buildFlags.find(({ name }) => `--${name}` === written) ?? fail(unknown(written));
      add(written, flag, value.length > 0 ? value.join('=') : undefined);
    } else if (word.startsWith('-') && word !== '-') {
      let rest = word.slice(1);
      while (rest !== '') {
        const written = `-${rest.charAt(0)}`;
        const flag = buildFlags.find(({ short }) => `-${short}` === written) ?? fail(unknown(written));
        rest = rest.slice(1);
        if (flag.isSwitch && !rest.startsWith('=')) {
          add(written, flag, undefined);
          continue;
        }
        add(written, flag, rest === '' ? undefined : rest.replace(/^=/, ''));
        rest = '';
      }
    } else others.push(word);
  }
  return { flags, others };
}

function unknown(written: string): string {
  return `${JSON.stringify(written)} is no flag of docker build`;
}
