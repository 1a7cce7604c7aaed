// The blocks of a zstd frame. [RFC 8878] 3.1.1.2, 3.1.1.3
// Everything is checked against the bytes that are there and the room that is given, so damaged data end in an error,
// after no more work than sound data of that size would take. Memory: 128 KiB of literals, and small tables.

import { ZstdError } from './bits.js';
import { COMPRESSED, MAX_BLOCK_BYTES, RAW, RLE, littleEndian } from './header.js';
import { decodeHuffman, readHuffmanTable } from './huffman.js';
import type { HuffmanTable } from './huffman.js';
import { SequenceState, runSequences } from './sequences.js';

/** Where a block's content goes. */
export interface BlockOutput {
  readonly target: Uint8Array;
  /** The frame's content, or what is still needed of it, begins here. */
  readonly origin: number;
  /** How far back a match may reach. */
  readonly windowBytes: number;
  /** Where the block's content begins. */
  readonly from: number;
  /** Where it must have ended. */
  readonly limit: number;
}

/** Decodes the blocks of one frame after the other. */
export class BlockDecoder {
  private readonly literals = Buffer.alloc(MAX_BLOCK_BYTES);
  private state = new SequenceState();
  private huffman: HuffmanTable | undefined;

  /** Call before the first block of each frame. */
  beginFrame(): void {
    this.state = new SequenceState();
    this.huffman = undefined;
  }

  /** Decodes a block of this type and size, stored in bytes [start, end); where its content ends. Throws a ZstdError. */
  decode(type: number, size: number, bytes: Uint8Array, start: number, end: number, output: BlockOutput): number {
    if (type === COMPRESSED) return this.compressed(bytes, start, end, output);
    const { target, from, limit } = output;
    if (from + size > limit) throw new ZstdError('a block is longer than stated');
    if (type === RAW) target.set(bytes.subarray(start, end), from);
    else target.fill(bytes[start]!, from, from + size);
    return from + size;
  }

  /** Literals, then sequences; the end of the output. [RFC 8878] 3.1.1.3 */
  private compressed(bytes: Uint8Array, start: number, end: number, output: BlockOutput): number {
    const header = start < end ? bytes[start]! : 0;
    const type = header & 3;
    const format = (header >> 2) & 3;
    const { literals, state } = this;
    if (type === RAW || type === RLE) {
      const headerBytes = format === 1 ? 2 : format === 3 ? 3 : 1;
      const literalBytes = headerBytes === 1 ? header >> 3 : bounded(bytes, start, end, headerBytes) >> 4;
      const at = start + headerBytes;
      const after = at + (type === RAW ? literalBytes : 1);
      if (after > end || literalBytes > MAX_BLOCK_BYTES) throw new ZstdError('the literals are longer than their block');
      if (type === RAW) this.literals.set(bytes.subarray(at, after));
      else this.literals.fill(bytes[at]!, 0, literalBytes);
      return runSequences(bytes, after, end, state, { ...output, literals, literalBytes });
    }
    const headerBytes = format <= 1 ? 3 : format + 2;
    const width = format <= 1 ? 10 : format === 2 ? 14 : 18;
    const sizes = Math.floor(bounded(bytes, start, end, headerBytes) / 16);
    const literalBytes = sizes % 2 ** width;
    const at = start + headerBytes;
    const after = at + Math.floor(sizes / 2 ** width);
    if (after > end || literalBytes > MAX_BLOCK_BYTES) throw new ZstdError('the literals are longer than their block');
    this.decodeLiterals(bytes, at, after, type === COMPRESSED, format === 0, literalBytes);
    return runSequences(bytes, after, end, state, { ...output, literals, literalBytes });
  }

  /** One stream, or four behind the sizes of the first three. [RFC 8878] 3.1.1.3.1.6 */
  private decodeLiterals(bytes: Uint8Array, start: number, end: number, described: boolean, single: boolean, count: number): void {
    let at = start;
    if (described) {
      const read = readHuffmanTable(bytes, start, end);
      this.huffman = read.table;
      at = read.end;
    }
    const table = this.huffman;
    if (table === undefined) throw new ZstdError('there is no Huffman table to repeat');
    if (single) {
      decodeHuffman(table, bytes, at, end, this.literals, 0, count);
      return;
    }
    const quarter = (count + 3) >> 2;
    let from = at + 6;
    if (from > end || 3 * quarter > count) throw new ZstdError('the literals end too early');
    for (let i = 0; i < 4; i++) {
      const to = i === 3 ? end : from + (bytes[at + 2 * i]! | (bytes[at + 2 * i + 1]! << 8));
      if (to > end) throw new ZstdError('the literals end too early');
      decodeHuffman(table, bytes, from, to, this.literals, i * quarter, i === 3 ? count : (i + 1) * quarter);
      from = to;
    }
  }
}

function bounded(bytes: Uint8Array, start: number, end: number, count: number): number {
  if (start + count > end) throw new ZstdError('a block ends too early');
  return littleEndian(bytes, start, count);
}
