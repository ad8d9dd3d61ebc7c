import { invalidLocation, quote } from './errors.ts';

/**
 * A ref as git takes it: the rules of git-check-ref-format(1), and no leading `-` or `+`, so that it is
 * neither an option nor a refspec.
 * @throws ServiceError 400 `InvalidSourceLocation`
 */
export function checkRef(ref: string): string {
  const offence = refOffence(ref);
  if (offence === undefined) return ref;
  throw invalidLocation(
    `the ref ${quote(ref)} of the source location ${offence}; it must be a branch, a tag, a commit or pull/N/head`,
  );
}

function refOffence(ref: string): string | undefined {
  if (ref === '') return 'is empty';
  if (/^[-+/.]/.test(ref)) return `starts with ${quote(ref.charAt(0))}`;

  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(ref)) return 'contains a character that git does not allow';
  if (/\.\.|@\{|\/\/|\/\./.test(ref)) return 'contains a sequence that git does not allow';
  if (/(\/|\.|\.lock)$/.test(ref) || ref === '@') return 'ends as git does not allow';
  return undefined;
}

/**
 * A folder of a repository, relative to its root and without `.` and empty parts (`''` is the root).
 * @throws ServiceError 400 `InvalidSourceLocation`
 */
export function checkFolder(folder: string): string {
  if (/[\u0000-\u001f\u007f]/.test(folder)) {
    throw invalidLocation(`the folder ${quote(folder)} of the source location contains a control character`);
  }
  const parts = folder.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) {
    throw invalidLocation(`the folder ${quote(folder)} of the source location contains ..`);
  }
  if (parts[0]?.startsWith('-')) {
    throw invalidLocation(`the folder ${quote(folder)} of the source location starts with -`);
  }
  return parts.join('/');
}
