import { ServiceError } from '../../model/index.ts';
import { evaluate } from './evaluator.ts';
import { TemplateFailure } from './failure.ts';
import { templateFunctions } from './functions/index.ts';
import { Meter, limits } from './meter.ts';
import { parseTemplate } from './parser.ts';
import { valueOf } from './values.ts';

export { fieldsOf } from './fields.ts';
export { Float } from './values.ts';

/** What a template's functions may know of the outside. */
export interface TemplateSurroundings {
  readonly now: Date;
  /** A whole number from 0 up to, but not including, `below`. */
  random(below: number): number;
}

/**
 * Renders a template of Go's text/template with the text functions of sprig. `data` is the dot: plain
 * objects, arrays, strings, numbers, booleans. A missing key of an object renders as `<no value>`.
 * Whole numbers are ints and bigints too; a `Float` is a float also when it is whole. The data is copied.
 * @param name is what errors call the template.
 * @throws ServiceError 400 `InvalidTemplate`; the message begins with `name:line:column`, both from 1.
 */
export function renderTemplate(
  text: string,
  data: unknown,
  { name, ...surroundings }: TemplateSurroundings & { readonly name: string },
): string {
  try {
    if (text.length > limits.textChars) {
      throw new TemplateFailure(`it has ${text.length} characters; at most ${limits.textChars} are allowed`);
    }
    const { main, defined } = parseTemplate(text, (word) => Object.hasOwn(templateFunctions, word));
    return evaluate({
      main,
      templates: new Map([[name, main], ...defined]),
      functions: templateFunctions,
      context: { ...surroundings, meter: new Meter() },
      data: valueOf(data),
    });
  } catch (error) {
    if (!(error instanceof TemplateFailure)) throw error;
    const place = placeOf(text, error.offset ?? 0);
    throw new ServiceError(400, 'InvalidTemplate', `${name}:${place}: ${error.message}`);
  }
}

/** `line:column` of an offset. */
function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
