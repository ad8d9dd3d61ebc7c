import { checkStringSize } from '../meter.ts';

/** Works on the bytes of a text, one character of `bytes` each. */
function onBytes(text: string, work: (bytes: string) => string): string {
  return Buffer.from(work(Buffer.from(text).toString('latin1')), 'latin1').toString();
}

const inBytes = (text: string) => Buffer.from(text).toString('latin1');

/** goutils.WrapCustom: breaks a text at spaces so that lines have at most `width` bytes. */
export function wrap(text: string, width: number, separator: string, breaksWords: boolean): string {
  checkStringSize(text.length + Math.ceil(text.length / Math.max(width, 1)) * separator.length);
  return onBytes(text, (bytes) => wrapBytes(bytes, Math.max(width, 1), inBytes(separator), breaksWords));
}

function wrapBytes(text: string, width: number, separator: string, breaksWords: boolean): string {
  let wrapped = '';
  let at = 0;
  while (text.length - at > width) {
    if (text[at] === ' ') {
      at += 1;
      continue;
    }
    const spaceInLine = text.slice(at, at + width + 1).lastIndexOf(' ');
    let end = spaceInLine < 0 ? at + width : at + spaceInLine;
    if (spaceInLine < 0 && !breaksWords) {
      end = text.indexOf(' ', at + width);
      if (end < 0) break;
    }
    wrapped += text.slice(at, end) + separator;
    at = spaceInLine < 0 && breaksWords ? end : end + 1;
  }
  return wrapped + text.slice(at);
}

/** goutils.AbbreviateFull: `...` in place of what does not fit, also before `offset`. */
export function abbreviate(text: string, offset: number, width: number): string {
  return onBytes(text, (bytes) => abbreviateBytes(bytes, offset, width));
}

function abbreviateBytes(text: string, offset: number, width: number): string {
  if (width < 4 || text.length <= width) return width < 4 ? '' : text;
  let from = Math.min(offset, text.length);
  if (text.length - from < width - 3) from = text.length - (width - 3);
  if (from <= 4) return `${text.slice(0, width - 3)}...`;
  if (width < 7) return '';
  if (from + width - 3 < text.length) return `...${abbreviateBytes(text.slice(from), 0, width - 3)}`;
  return `...${text.slice(text.length - (width - 3))}`;
}
