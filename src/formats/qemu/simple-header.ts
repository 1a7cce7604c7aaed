// The header of a file of the `simple` backend, and why a file is refused as a whole. [QEMU-10.0 trace/simple.c]

import { inputError } from '../../base/errors.js';
import type { Detection } from '../format.js';

export const HEADER_BYTES = 24;
/** Each half of the eight bytes that a header begins with. */
export const ALL_ONES = 0xffff_ffff;
const MAGIC_HIGH = 0xf2b1_77cb;
const MAGIC_LOW = 0x0aa4_29b4;
/** The versions that can be read. */
export const VERSIONS: readonly number[] = [2, 3, 4];

/** What a header says; undefined when these bytes are none. */
export interface SimpleHeader {
  readonly littleEndian: boolean;
  readonly version: number;
}

/** Reads a header; its eight bytes of ones are the same in both byte orders, the magic isn't. */
export function readHeader(view: DataView, at: number): SimpleHeader | undefined {
  if (view.getUint32(at) !== ALL_ONES || view.getUint32(at + 4) !== ALL_ONES) return undefined;
  for (const littleEndian of [true, false]) {
    const low = view.getUint32(at + (littleEndian ? 8 : 12), littleEndian);
    const high = view.getUint32(at + (littleEndian ? 12 : 8), littleEndian);
    if (low !== MAGIC_LOW || high !== MAGIC_HIGH) continue;
    return { littleEndian, version: Number(view.getBigUint64(at + 16, littleEndian)) };
  }
  return undefined;
}

/** Recognises a trace by its header. */
export function detectSimple(head: Uint8Array): Detection | undefined {
  if (head.length < HEADER_BYTES) return undefined;
  const header = readHeader(new DataView(head.buffer, head.byteOffset, head.byteLength), 0);
  if (header === undefined) return undefined;
  return { confidence: 1, evidence: `it begins with the header of a QEMU simple trace, version ${header.version}` };
}

/** A source that is no such trace. */
export function notSimple(): Error {
  return inputError("the source doesn't begin with the header of a QEMU simple trace, 24 bytes from ffffffffffffffff b429a40acb77b1f2 on", {
    suggestions: ['Leave --format out to have the format recognised.'],
  });
}

/** A version that this reader can't read. */
export function unknownVersion(version: number): Error {
  return inputError(`the QEMU simple trace has version ${version}; known: ${VERSIONS.join(', ')}`, {
    suggestions: [
      version < 2
        ? 'Versions 0 and 1 were written by QEMU 1.1 and older, which trace no NVMe events.'
        : "Turn it into text with the simpletrace.py of the QEMU that wrote it, and ingest that; or capture with QEMU's log backend.",
    ],
  });
}

/** An old version without the file that it needs. */
export function noEventNames(version: number): Error {
  return inputError(`the QEMU simple trace has version ${version}, in which records hold no names of events`, {
    suggestions: ["Give the trace-events-all file of the QEMU that wrote it with --events-file, such as '/usr/share/qemu/trace-events-all'."],
  });
}
