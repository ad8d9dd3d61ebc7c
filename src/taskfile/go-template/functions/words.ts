type WordKind = 'number' | 'upper' | 'letters' | 'connector' | 'punctuation' | 'other' | 'none';

interface Word {
  readonly kind: WordKind;
  readonly text: string;
}

/** The words of xstrings: `HTTPServer2x` is `HTTP`, `Server`, `2`, `x`. */
const word =
  /(?<connector>[-_\s]+)|(?<punctuation>(?:(?![-_\s])\p{P})+)|(?<upper>\p{Lu}(?:\p{Lu}*(?=\p{Lu}\p{Ll})|\p{Lu}+|\p{Ll}*))|(?<letters>(?:(?!\p{Lu})\p{L})+)|(?<number>\p{N}+)|(?<other>[^-_\s\p{P}\p{L}\p{N}]+)/gu;

function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(word), ({ 0: found, groups = {} }) => {
    const [kind] = Object.entries(groups).find(([, value]) => value !== undefined) ?? ['other'];
    // The groups bear the names of the kinds.
    return { kind: kind as WordKind, text: found };
  });
}

const none: Word = { kind: 'none', text: '' };

/** xstrings.ToSnakeCase and ToKebabCase: words in lower case with a connector between them. */
export function joinWords(text: string, connector: string): string {
  const words = wordsOf(text);
  let at = 0;
  let current = words[at] ?? none;
  let joined = '';
  const hasMore = () => at + 1 < words.length;
  const write = ({ kind, text: each }: Word) => {
    if (kind === 'connector') joined += connector.repeat([...each].length);
    else joined += kind === 'upper' ? each.toLowerCase() : each;
  };
  const advance = () => {
    at += 1;
    current = words[at] ?? none;
    return current;
  };
  const isIn = (...kinds: WordKind[]) => kinds.includes(current.kind);
  // Letters and digits after a number belong to it: 2m3s.
  const writeUnit = () => {
    while (isIn('letters', 'number')) {
      write(current);
      advance();
    }
    if (!isIn('none', 'punctuation', 'connector')) joined += connector;
  };
  while (hasMore()) {
    const last = current;
    if (last.kind !== 'connector') write(last);
    advance();
    if (last.kind === 'number') writeUnit();
    else if (last.kind === 'connector') write(last);
    else if (last.kind === 'punctuation') continue;
    else if (current.kind !== 'number') {
      if (!isIn('connector', 'punctuation')) joined += connector;
    } else if (hasMore()) {
      const number = current;
      if (advance().kind === 'letters') {
        joined += connector;
        write(number);
        writeUnit();
      } else {
        write(number);
        if (!isIn('connector', 'punctuation')) joined += connector;
      }
    }
  }
  write(current);
  return joined;
}
