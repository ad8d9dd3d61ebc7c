/** A text as PostgreSQL takes it: without NUL and halves of surrogate pairs, which a build may well print. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}

/** As JSON that PostgreSQL takes. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'string' ? storableText(member) : member,
  );
}
