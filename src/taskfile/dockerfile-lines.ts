/** Instructions without comments, blank lines and heredocs, each with its continuation lines joined. */
export function logicalLines(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const escape = /^#\s*escape\s*=\s*`/im.test(leadingComments(lines)) ? '`' : '\\';
  const result: string[] = [];
  let pending = '';
  for (let index = 0; index < lines.length; index += 1) {
    const trimmed = (lines[index] ?? '').trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const isContinued = trimmed.endsWith(escape);
    pending += isContinued ? `${trimmed.slice(0, -1)} ` : trimmed;
    if (isContinued) continue;
    result.push(pending.trim());
    for (const heredoc of heredocsOf(pending.trim())) {
      const length = lines.slice(index + 1).findIndex((line) => heredoc.endsAt(line));
      index = length === -1 ? lines.length : index + 1 + length;
    }
    pending = '';
  }
  if (pending.trim() !== '') result.push(pending.trim());
  return result;
}

/** The documents that follow an instruction (`<<EOF`, `<<-"EOF"`), as BuildKit knows them. */
function heredocsOf(instruction: string): { endsAt(line: string): boolean }[] {
  if (!/^(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s/i.test(instruction)) return [];
  return splitWords(instruction).flatMap((word) => {
    const [, dash, , name] = /^\d*<<(-?)(["']?)([^<"'\s]+)\2$/.exec(word) ?? [];
    if (name === undefined) return [];
    return [{ endsAt: (line: string) => (dash ? line.replace(/^\t+/, '') : line) === name }];
  });
}

/** Parser directives stand before everything else. */
function leadingComments(lines: readonly string[]): string {
  const end = lines.findIndex((line) => !line.trim().startsWith('#'));
  return lines.slice(0, end === -1 ? lines.length : end).join('\n');
}

/** Words with blanks between them; quotes keep blanks together and stay. */
export function splitWords(text: string): string[] {
  return text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
}
