import { TemplateFailure } from './failure.ts';

/** What a template of a stranger may use; far above what task files need. */
export const limits = {
  textChars: 4 << 20,
  outputChars: 4 << 20,
  /** Of one string, in characters, and of one list, in items, that a function returns. */
  stringChars: 4 << 20,
  listItems: 100_000,
  /** Units of work in one rendering: about one for a character or an item that is touched, 10 for a node. */
  work: 20_000_000,
  /** Actions and parentheses within each other, in the text. */
  nesting: 100,
  /** In scope at one place. */
  variables: 1000,
  /** Templates that call templates. */
  templateDepth: 100,
  /** Nodes within nodes while evaluating, over all templates that are being performed. */
  evaluationDepth: 600,
  /** Lists and dictionaries within each other. */
  valueDepth: 200,
} as const;

/** Counts the work of one rendering. */
export class Meter {
  #left: number = limits.work;

  /** @throws TemplateFailure when the template has done more than it may. */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new TemplateFailure('the template does too much work; simplify it');
  }
}

/** @throws TemplateFailure when a function would make a string longer than the limit. */
export function checkStringSize(chars: number): void {
  if (chars > limits.stringChars) {
    throw new TemplateFailure(
      `the result would have ${chars} characters; at most ${limits.stringChars} are allowed`,
    );
  }
}

/** @throws TemplateFailure when a function would make a list longer than the limit. */
export function checkListSize(items: number): void {
  if (items > limits.listItems) {
    throw new TemplateFailure(`the list would have ${items} items; at most ${limits.listItems} are allowed`);
  }
}

/** @throws TemplateFailure when lists and dictionaries hold each other too deeply, as one that holds itself. */
export function checkValueDepth(depth: number): void {
  if (depth > limits.valueDepth) {
    throw new TemplateFailure(
      `lists and dictionaries hold each other more than ${limits.valueDepth} levels deep`,
    );
  }
}
