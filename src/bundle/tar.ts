// Archives as stock tools open them: POSIX ustar inside gzip. The same entries give the same bytes: no times, owners or modes of
// this machine. [POSIX.1-2017 pax, "ustar Interchange Format"; RFC 1952]

import { gunzipSync, gzipSync } from 'node:zlib';
import { inputError, usageError } from '../base/errors.js';

export interface ArchiveEntry {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
/** Sizes are 11 octal digits. */
const MAX_ENTRY_BYTES = 0o77777777777;
const MAX_NAME_BYTES = 100;
/** An archive is held in memory, on the way out and on the way in. */
export const MAX_ARCHIVE_BYTES = 1024 ** 3;
const MAX_ENTRIES = 10_000;

/** Packs entries in the order given. Throws a usageError for names and sizes that don't fit. */
export function packArchive(entries: readonly ArchiveEntry[]): Buffer {
  const total = entries.reduce((sum, { bytes }) => sum + BLOCK + bytes.length, 0);
  if (total > MAX_ARCHIVE_BYTES) throw usageError(`${total} bytes are too much for an archive of at most ${MAX_ARCHIVE_BYTES}`, ['Leave the larger inputs out: their hashes are kept.']);
  const parts = entries.flatMap(({ path, bytes }) => [header(path, bytes.length), bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
  const packed = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), { level: 9 });
  // The byte that names the operating system differs between builds of zlib: 255 is "unknown".
  packed[9] = 255;
  return packed;
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const name = Buffer.from(path, 'utf8');
  if (name.length > MAX_NAME_BYTES || !isSafe(path)) throw usageError(`"${path}" can't be the name of an archive's entry`);
  if (size > MAX_ENTRY_BYTES) throw usageError(`${path}: ${size} bytes are too much for an archive's entry`);
  name.copy(block, 0);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(octal(0o644, 7), 100, 'latin1');
  block.write(octal(0, 7), 108, 'latin1');
  block.write(octal(0, 7), 116, 'latin1');
  block.write(octal(size, 11), 124, 'latin1');
  block.write(octal(0, 11), 136, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** The sum of the header's bytes, with the field of the sum itself as blanks. */
function checksum(block: Buffer): number {
  return block.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);
}

/** Neither absolute nor up: an archive can come from anyone. */
function isSafe(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.includes('\\') && !/\p{Cc}/u.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Unpacks an archive of ours. Throws an inputError for anything else: other kinds of entries, torn or oversized ones, unsafe names. */
export function unpackArchive(packed: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const archive = unzipped(packed);
  const entries = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const block = archive.subarray(at, at + BLOCK);
    if (block.every((byte) => byte === 0)) return entries;
    const { path, size } = readHeader(block, at);
    const from = at + BLOCK;
    if (from + size > archive.length) throw inputError(`archive: ${path} has ${size} bytes, ${archive.length - from} are left`, { where: { byte: at } });
    if (entries.has(path)) throw inputError(`archive: ${path} comes twice`, { where: { byte: at } });
    if (entries.size === MAX_ENTRIES) throw inputError(`archive: more than ${MAX_ENTRIES} entries`);
    entries.set(path, archive.subarray(from, from + size));
    at = from + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw inputError('archive: it ends without an end mark');
}

function unzipped(packed: Uint8Array): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: MAX_ARCHIVE_BYTES });
  } catch (cause) {
    throw inputError(`not a gzip archive of at most ${MAX_ARCHIVE_BYTES} bytes: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function readHeader(block: Buffer, at: number): { readonly path: string; readonly size: number } {
  const text = (from: number, length: number): string => block.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  const path = text(0, MAX_NAME_BYTES);
  const size = /^[0-7]{1,11}$/.test(text(124, 12)) ? Number.parseInt(text(124, 12), 8) : NaN;
  const isOurs = text(257, 6) === 'ustar' && text(156, 1) === '0' && Number.parseInt(text(148, 8), 8) === checksum(block);
  if (!isOurs || !isSafe(path) || Number.isNaN(size)) throw inputError('archive: an entry is no plain file of a ustar archive', { where: { byte: at } });
  return { path, size };
}
