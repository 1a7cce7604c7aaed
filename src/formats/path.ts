// What a path of a source stands for, and why what it leads to can't be read.

import { BellwetherError, inputError } from '../base/errors.js';

/** The path that stands for standard input. */
export const STDIN = '-';

const READ_HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is no directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  EMFILE: 'too many files are open',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'it is a socket, or a device that is not there',
};

/** A failure of the operating system as an input error; anything else as it is. */
export function readError(name: string, error: unknown, byte: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined || error instanceof BellwetherError) return error;
  return inputError(`${name} can't be read${byte > 0 ? ` at byte ${byte}` : ''}: ${READ_HINTS[code] ?? code}`, {
    where: { file: name, byte },
    suggestions: ['Check the path and its permissions; "-" reads standard input.'],
    cause: error,
  });
}
