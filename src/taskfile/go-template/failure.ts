/** What is wrong with a template or its evaluation; the evaluator adds where. */
export class TemplateFailure extends Error {
  /** Offset in the template's text, once known. */
  offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.offset = offset;
  }
}
