// The first bytes of a trace.dat. [trace-cmd.dat(5), trace-cmd.dat.v6(5), trace-cmd.dat.v7(5)]
//
//   17 08 44 "tracing" version\0 endian(1) long(1) page(4)   and in version 7:   compression\0 its version\0 options(8)

import { ascii, matchesAt } from '../../base/bytes.js';
import { inputError } from '../../base/errors.js';
import type { Content } from '../format.js';
import { isCompression } from './compression.js';
import type { Compression } from './compression.js';
import { TableCursor } from './cursor.js';
import { Damage } from './damage.js';

export const MAGIC = Buffer.concat([Buffer.of(0x17, 0x08, 0x44), ascii('tracing')]);

export interface Initial {
  readonly version: 6 | 7;
  readonly little: boolean;
  /** Bytes per long of the traced machine's user space; that of its kernel is in the page header. */
  readonly longBytes: number;
  readonly pageBytes: number;
  readonly compression: Compression;
  /** Version 7: where the first options section is. */
  readonly optionsAt: number;
  /** Version 6: where the next part begins. */
  readonly bodyAt: number;
}

/** Whether `head` begins like a trace.dat of any version, or the same container within another file. */
export function hasMagic(head: Uint8Array): boolean {
  return matchesAt(head, 0, head.length, MAGIC);
}

/**
 * Reads the first bytes. Throws an input error when this is no trace.dat or one of a kind that isn't read,
 * and Damage when it breaks off.
 */
export function readInitial(content: Content): Initial {
  const head = Buffer.alloc(MAGIC.length);
  content.read(0, head);
  if (!hasMagic(head)) {
    throw inputError('this is no trace.dat: the first bytes aren\'t 17 08 44 "tracing"', {
      where: { byte: 0 },
      suggestions: ['Leave --format out to have the format recognised.'],
    });
  }
  const start = new TableCursor(content, true, MAGIC.length);
  const version = start.string('the version', 16);
  if (version !== '6' && version !== '7') {
    throw inputError(`trace.dat version ${JSON.stringify(version)} isn't read; versions 6 and 7 are`, {
      where: { byte: MAGIC.length },
      suggestions: ["Convert it with 'trace-cmd convert', or ingest the text of 'trace-cmd report'."],
    });
  }
  const endian = start.u8('the endianness');
  if (endian > 1) throw new Damage(start.at - 1, `the endianness is ${endian}, neither 0 nor 1`);
  const cursor = new TableCursor(content, endian === 0, start.at);
  const longBytes = cursor.u8('the size of a long');
  if (longBytes !== 4 && longBytes !== 8) throw new Damage(cursor.at - 1, `a long has ${longBytes} bytes, neither 4 nor 8`);
  const pageBytes = cursor.u32('the page size');
  const base = { little: endian === 0, longBytes, pageBytes };
  if (version === '6') return { ...base, version: 6, compression: 'none', optionsAt: 0, bodyAt: cursor.at };

  const compression = cursor.string('the name of the compression', 64);
  cursor.string('the version of the compression', 256);
  const optionsAt = cursor.u64('the place of the options');
  if (!isCompression(compression)) {
    throw inputError(`trace.dat compressed with ${JSON.stringify(compression)} isn't read; none, zlib and zstd are`, {
      where: { byte: MAGIC.length },
      suggestions: ["Convert it with 'trace-cmd convert --compression none'."],
    });
  }
  return { ...base, version: 7, compression, optionsAt, bodyAt: cursor.at };
}
