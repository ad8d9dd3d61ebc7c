/** What a template's functions may know of the outside. */
export interface TemplateSurroundings {
  readonly now: Date;
  /** A whole number from 0 up to, but not including, `below`. */
  random(below: number): number;
}

/**
 * Renders a template of Go's text/template with the text functions of sprig. `data` is the dot: plain
 * objects, arrays, strings, numbers, booleans. A missing key of an object renders as `<no value>`.
 * @param name is what errors call the template.
 * @throws ServiceError 400 `InvalidTemplate`; the message begins with `name:line:column`.
 */
export declare function renderTemplate(
  text: string,
  data: unknown,
  options: TemplateSurroundings & { readonly name: string },
): string;
