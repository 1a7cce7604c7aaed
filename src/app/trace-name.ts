// Names of traces that the user didn't name: from the file, as short as is unambiguous.

import { basename } from 'node:path';
import { STDIN } from '../formats/path.js';

/**
 * Names to try for a file, best first: up to its first ending, up to its second, then the first with -2, -3, ...
 * "randread32-off-1.qemu.log.gz" -> "randread32-off-1", "randread32-off-1.qemu", "randread32-off-1-2", ...
 * A dot before a digit is no ending: "qemu7.2.log" -> "qemu7.2".
 * The sequence has no end.
 */
export function* nameCandidates(path: string): Generator<string> {
  // Leading dots belong to the name: ".hidden.log" -> ".hidden".
  const file = path === STDIN ? 'stdin' : basename(path);
  const [, short = file, second = ''] = /^(\.*(?:[^.]|\.\d)+)(\.(?:[^.]|\.\d)+)?/.exec(file) ?? [];
  yield short;
  if (second !== '' && short + second !== file) yield short + second;
  for (let n = 2; ; n++) yield `${short}-${n}`;
}

/** The first candidate that isn't taken. */
export function freeName(path: string, isTaken: (name: string) => boolean): string {
  for (const name of nameCandidates(path)) {
    if (!isTaken(name)) return name;
  }
  throw new Error('internal error: the candidates have ended');
}
