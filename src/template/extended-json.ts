const token =
  /(?<skip>\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<text>"(?:[^"\\]+|\\[\s\S])*"|'(?:[^'\\]+|\\[\s\S])*')|(?<number>-?\d[\w.+-]*)|(?<name>[A-Za-z_$][\w$]*)|[\s\S]/g;
const literals = new Set(['true', 'false', 'null']);

/**
 * The JSON of a text as template files and az write it: with comments, line breaks within texts, texts in
 * single quotes, trailing commas, and members named without quotes (az puts a template file as it is after
 * `template:`). What is wrong otherwise is left to the JSON parser.
 */
export function toPlainJson(text: string): string {
  const pieces: string[] = [];
  let last = -1; // the last piece that is no blank
  for (const { 0: piece, groups: { skip, text: quoted, name } = {} } of text.matchAll(token)) {
    if (skip !== undefined) {
      pieces.push(' ');
      continue;
    }
    if ((piece === '}' || piece === ']') && pieces[last] === ',') pieces[last] = '';
    last = pieces.length;
    if (quoted !== undefined) pieces.push(plainText(quoted.slice(1, -1)));
    else if (name !== undefined && !literals.has(name)) pieces.push(`"${name}"`);
    else pieces.push(piece);
  }
  return pieces.join('');
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"' };

function plainText(inner: string): string {
  const escaped = inner.replace(
    /\\[\s\S]|[\n\r\t"]/g,
    (found) => escapes[found] ?? (found === "\\'" ? "'" : found),
  );
  return `"${escaped}"`;
}
