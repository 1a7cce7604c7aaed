// Decompression of zstd data of known size, such as the blocks of another file format. [RFC 8878] Dictionaries and
// checksums aren't used there; a checksum is stepped over.
// Everything is checked against the bytes that are there and the size that was stated, so damaged data end in an
// error, after no more work than sound data of that size would take. Memory: 128 KiB of literals, and small tables.

import { ZstdError } from './bits.js';
import { decodeHuffman, readHuffmanTable } from './huffman.js';
import type { HuffmanTable } from './huffman.js';
import { SequenceState, runSequences } from './sequences.js';

const MAGIC = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);
const MAX_BLOCK_BYTES = 128 * 1024;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RAW = 0;
const RLE = 1;
const COMPRESSED = 2;

/** Decompresses one piece after the other. */
export class ZstdBlocks {
  private readonly literals = Buffer.alloc(MAX_BLOCK_BYTES);
  private huffman: HuffmanTable | undefined;

  /** Fills `target` with what the frames in `stored` stand for. Throws a ZstdError when they aren't sound or of that size. */
  decompress(stored: Uint8Array, target: Uint8Array): void {
    let at = 0;
    let out = 0;
    while (at < stored.length) [at, out] = this.frame(stored, at, target, out);
    if (out !== target.length) throw new ZstdError(`there are ${out} bytes, not ${target.length}`);
  }

  private frame(stored: Uint8Array, start: number, target: Uint8Array, from: number): [at: number, out: number] {
    const descriptor = stored[start + 4];
    if (descriptor === undefined || MAGIC.some((byte, i) => stored[start + i] !== byte)) throw new ZstdError('there is no frame');
    if ((descriptor & 0x08) !== 0) throw new ZstdError('a reserved bit is set');
    if ((descriptor & 0x03) !== 0) throw new ZstdError('a dictionary is needed');
    const single = (descriptor & 0x20) !== 0;
    const sizeBytes = descriptor >> 6 === 0 ? Number(single) : 2 ** (descriptor >> 6);
    let at = start + 5 + Number(!single) + sizeBytes;
    // Matches reach back to the beginning of their frame.
    const content = target.subarray(from);
    const state = new SequenceState();
    this.huffman = undefined;
    let out = 0;
    for (let last = false; !last; ) {
      if (at + BLOCK_HEADER_BYTES > stored.length) throw new ZstdError('the data end too early');
      const header = stored[at]! | (stored[at + 1]! << 8) | (stored[at + 2]! << 16);
      const type = (header >> 1) & 3;
      const size = header >> 3;
      last = (header & 1) === 1;
      at += BLOCK_HEADER_BYTES;
      const end = at + (type === RLE ? 1 : size);
      if (end > stored.length) throw new ZstdError('the data end too early');
      if (size > MAX_BLOCK_BYTES || type > COMPRESSED) throw new ZstdError('a block header is wrong');
      if (type === COMPRESSED) {
        out = this.block(stored, at, end, state, content, out);
      } else {
        if (out + size > content.length) throw new ZstdError('a block is longer than stated');
        if (type === RAW) content.set(stored.subarray(at, end), out);
        else content.fill(stored[at]!, out, out + size);
        out += size;
      }
      at = end;
    }
    if ((descriptor & 0x04) !== 0) at += CHECKSUM_BYTES;
    return [at, from + out];
  }

  /** Literals, then sequences; the end of the output. [RFC 8878] 3.1.1.3 */
  private block(bytes: Uint8Array, start: number, end: number, state: SequenceState, target: Uint8Array, from: number): number {
    const header = start < end ? bytes[start]! : 0;
    const type = header & 3;
    const format = (header >> 2) & 3;
    const limit = Math.min(target.length, from + MAX_BLOCK_BYTES);
    const copying = { literals: this.literals, target, from, limit };
    if (type === RAW || type === RLE) {
      const headerBytes = format === 1 ? 2 : format === 3 ? 3 : 1;
      const literalBytes = headerBytes === 1 ? header >> 3 : littleEndian(bytes, start, end, headerBytes) >> 4;
      const at = start + headerBytes;
      const after = at + (type === RAW ? literalBytes : 1);
      if (after > end || literalBytes > MAX_BLOCK_BYTES) throw new ZstdError('the literals are longer than their block');
      if (type === RAW) this.literals.set(bytes.subarray(at, after));
      else this.literals.fill(bytes[at]!, 0, literalBytes);
      return runSequences(bytes, after, end, state, { ...copying, literalBytes });
    }
    const headerBytes = format <= 1 ? 3 : format + 2;
    const width = format <= 1 ? 10 : format === 2 ? 14 : 18;
    const sizes = Math.floor(littleEndian(bytes, start, end, headerBytes) / 16);
    const literalBytes = sizes % 2 ** width;
    const at = start + headerBytes;
    const after = at + Math.floor(sizes / 2 ** width);
    if (after > end || literalBytes > MAX_BLOCK_BYTES) throw new ZstdError('the literals are longer than their block');
    this.decodeLiterals(bytes, at, after, type === COMPRESSED, format === 0, literalBytes);
    return runSequences(bytes, after, end, state, { ...copying, literalBytes });
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

function littleEndian(bytes: Uint8Array, start: number, end: number, count: number): number {
  if (start + count > end) throw new ZstdError('a block ends too early');
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[start + i]!;
  return value;
}
