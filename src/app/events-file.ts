// The text file that a user gives with --events-file.

import { open } from 'node:fs/promises';
import { inputError } from '../base/errors.js';
import { formatBytes } from '../base/units.js';
import type { NamedText } from '../formats/format.js';

/** QEMU's own trace-events-all has about 400 KiB. */
const MAX_EVENTS_FILE_BYTES = 16 * 1024 ** 2;

/** Reads a `trace-events-all`; throws an input error when there is none or it is far too large. */
export async function readEventsFile(path: string): Promise<NamedText> {
  try {
    await using file = await open(path, 'r');
    const buffer = Buffer.alloc(MAX_EVENTS_FILE_BYTES + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    if (length <= MAX_EVENTS_FILE_BYTES) return { path, text: buffer.toString('utf8', 0, length) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    throw inputError(`the events file ${path} can't be read: ${code === 'ENOENT' ? 'there is no such file' : code}`, {
      where: { file: path },
      suggestions: ["QEMU installs it, as a rule as '/usr/share/qemu/trace-events-all'."],
      cause: error,
    });
  }
  throw inputError(`the events file ${path} has more than ${formatBytes(MAX_EVENTS_FILE_BYTES)}`, { where: { file: path } });
}
