// Decompression of zstd data of known size, such as the blocks of another file format. [RFC 8878]
// Memory: what block.ts states.

import { ZstdError } from './bits.js';
import { BlockDecoder } from './block.js';
import { BLOCK_HEADER_BYTES, CHECKSUM_BYTES, FRAME_MAGIC, headerRestBytes, littleEndian, readBlockHeader, readFrameHeader } from './header.js';
import { checksumOf } from './xxh64.js';

const MAGIC_BYTES = 4;

/** Decompresses one piece after the other. */
export class ZstdPieces {
  private readonly blocks = new BlockDecoder();

  /** Fills `target` with what the frames in `stored` stand for. Throws a ZstdError when they aren't sound or of that size. */
  decompress(stored: Uint8Array, target: Uint8Array): void {
    let at = 0;
    let out = 0;
    while (at < stored.length) [at, out] = this.frame(stored, at, target, out);
    if (out !== target.length) throw new ZstdError(`there are ${out} bytes, not ${target.length}`);
  }

  private frame(stored: Uint8Array, start: number, target: Uint8Array, from: number): [at: number, out: number] {
    const descriptorAt = start + MAGIC_BYTES;
    if (descriptorAt >= stored.length || littleEndian(stored, start, MAGIC_BYTES) !== FRAME_MAGIC) throw new ZstdError('there is no frame');
    const descriptor = stored[descriptorAt]!;
    let at = this.need(stored, descriptorAt + 1, headerRestBytes(descriptor));
    const header = readFrameHeader(descriptor, stored, descriptorAt + 1);
    const { windowBytes } = header;
    this.blocks.beginFrame();
    let out = from;
    for (let last = false; !last; ) {
      const bodyAt = this.need(stored, at, BLOCK_HEADER_BYTES);
      const block = readBlockHeader(stored, at, header);
      at = this.need(stored, bodyAt, block.storedBytes);
      const limit = Math.min(target.length, out + header.maxBlockBytes);
      out = this.blocks.decode(block.type, block.size, stored, bodyAt, at, { target, origin: from, windowBytes, from: out, limit });
      last = block.last;
    }
    if (header.contentBytes !== undefined && out - from !== header.contentBytes) throw new ZstdError('the content is not of the stated size');
    if (!header.checksum) return [at, out];
    const after = this.need(stored, at, CHECKSUM_BYTES);
    if (littleEndian(stored, at, CHECKSUM_BYTES) !== checksumOf(target.subarray(from, out))) throw new ZstdError('the checksum of the content differs');
    return [after, out];
  }

  /** The end of `bytes` bytes that must be there. */
  private need(stored: Uint8Array, at: number, bytes: number): number {
    if (at + bytes > stored.length) throw new ZstdError('the data end too early');
    return at + bytes;
  }
}
