// Decompression of zstd as a stream, concatenated and skippable frames included. [RFC 8878]
// The frames are walked here: bounds, truncation and checksums; fzstd decompresses the blocks, one call for each.
// Memory: the window, at most MAX_WINDOW_BYTES, one stored block and its content, 128 KiB each at most.

import { Decompress } from 'fzstd';
import { formatBytes } from '../base/units.js';
import { BoundedRunner } from './bounded.js';
import { DamagedData } from './codec.js';
import type { Codec } from './codec.js';
import { Xxh64 } from './xxh64.js';

/** Frames with a larger window are refused; the zstd program does so too, unless it is told otherwise. */
const MAX_WINDOW_BYTES = 128 * 1024 ** 2;
const MAX_BLOCK_BYTES = 128 * 1024;
/** fzstd needs a millisecond for a block, and loops for ever on some corrupt ones. */
const MAX_BLOCK_MS = 5000;

const MAGIC = 0xfd2f_b528;
/** 184D2A50h to 184D2A5Fh. */
const SKIPPABLE_MAGIC = 0x184d_2a50;
const SKIPPABLE_MASK = 0xffff_fff0;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RAW = 0;
const RLE = 1;
const RESERVED = 3;

const CUT_OFF = 'the zstd data are cut off';

/** Reads a stored stream in pieces of known size. */
class ByteReader {
  /** Position in the stored stream. */
  position = 0;
  private readonly stored: AsyncIterator<Uint8Array>;
  private chunk: Buffer = Buffer.alloc(0);

  constructor(stored: AsyncIterable<Uint8Array>) {
    this.stored = stored[Symbol.asyncIterator]();
  }

  /** The next `bytes` bytes, or fewer at the end of the stream; they stay valid. */
  async take(bytes: number): Promise<Buffer> {
    const taken = Buffer.alloc(bytes);
    let length = 0;
    while (length < bytes && (await this.fill())) {
      const copied = this.chunk.copy(taken, length);
      this.chunk = this.chunk.subarray(copied);
      length += copied;
    }
    this.position += length;
    return taken.subarray(0, length);
  }

  /** Steps over `bytes` bytes; false when the stream ends before. */
  async skip(bytes: number): Promise<boolean> {
    let left = bytes;
    while (left > 0 && (await this.fill())) {
      const skipped = Math.min(left, this.chunk.length);
      this.chunk = this.chunk.subarray(skipped);
      left -= skipped;
      this.position += skipped;
    }
    return left === 0;
  }

  /** Reads the rest, for the hash over it. */
  async drain(): Promise<void> {
    await this.skip(Infinity);
  }

  async close(): Promise<void> {
    await this.stored.return?.();
  }

  private async fill(): Promise<boolean> {
    while (this.chunk.length === 0) {
      const next = await this.stored.next();
      if (next.done === true) return false;
      this.chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    return true;
  }
}

interface FrameHeader {
  /** With the magic number, as fzstd wants it. */
  readonly bytes: Buffer;
  readonly checksum: boolean;
}

/** One pass over a stored stream. */
class ZstdStream {
  private readonly reader: ByteReader;
  private readonly runner = new BoundedRunner(MAX_BLOCK_MS);
  /** Where the frame or block at hand begins: up to here all is well. */
  private good = 0;

  constructor(stored: AsyncIterable<Uint8Array>) {
    this.reader = new ByteReader(stored);
  }

  async *content(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        this.good = this.reader.position;
        const magic = await this.reader.take(4);
        if (magic.length === 0) return;
        const value = magic.length === 4 ? magic.readUInt32LE() : NaN;
        if (value === MAGIC) yield* this.frame(magic);
        else if ((value & SKIPPABLE_MASK) === SKIPPABLE_MAGIC) await this.skipFrame();
        else throw this.damage(couldBegin(magic) ? CUT_OFF : 'other bytes follow the zstd data');
      }
    } catch (error) {
      if (error instanceof DamagedData) await this.reader.drain();
      throw error;
    } finally {
      await this.reader.close();
    }
  }

  private damage(reason: string, cause?: unknown): DamagedData {
    return new DamagedData(reason, this.good, cause);
  }

  /** Exactly so many bytes. */
  private async need(bytes: number): Promise<Buffer> {
    const taken = await this.reader.take(bytes);
    if (taken.length < bytes) throw this.damage(CUT_OFF);
    return taken;
  }

  private async skipFrame(): Promise<void> {
    const length = (await this.need(4)).readUInt32LE();
    if (!(await this.reader.skip(length))) throw this.damage(CUT_OFF);
  }

  private async *frame(magic: Buffer): AsyncGenerator<Uint8Array> {
    const header = await this.header(magic);
    let output: Uint8Array[] = [];
    const engine = new Decompress((chunk) => output.push(chunk));
    const hash = header.checksum ? new Xxh64() : undefined;
    let stored = header.bytes;
    for (let last = false; !last; ) {
      this.good = this.reader.position;
      const block = await this.block();
      last = block.last;
      // fzstd wants the checksum, but doesn't look at it.
      const checksum = last && header.checksum ? await this.need(CHECKSUM_BYTES) : Buffer.alloc(0);
      stored = Buffer.concat([stored, block.bytes, checksum]);
      this.decompress(engine, stored, last);
      stored = Buffer.alloc(0);
      const ready = output;
      output = [];
      for (const chunk of ready) hash?.update(chunk);
      yield* ready.filter(({ length }) => length > 0);
      if (last && hash !== undefined && Number(BigInt.asUintN(32, hash.digest())) !== checksum.readUInt32LE()) {
        throw this.damage('the zstd data are corrupt (the checksum of the content differs)');
      }
    }
  }

  private decompress(engine: Decompress, stored: Uint8Array, last: boolean): void {
    try {
      this.runner.run(() => engine.push(stored, last));
    } catch (error) {
      throw this.damage(`the zstd data are corrupt (${error instanceof Error ? error.message : String(error)})`, error);
    }
  }

  /** [RFC 8878] 3.1.1.1 */
  private async header(magic: Buffer): Promise<FrameHeader> {
    const descriptor = (await this.need(1))[0]!;
    const single = (descriptor & 0x20) !== 0;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
    const sizeBytes = descriptor >> 6 === 0 ? Number(single) : 2 ** (descriptor >> 6);
    if ((descriptor & 0x08) !== 0) throw this.damage('the zstd data are corrupt (a reserved bit is set)');
    const rest = await this.need(Number(!single) + dictionaryBytes + sizeBytes);
    const dictionary = rest.subarray(Number(!single), Number(!single) + dictionaryBytes);
    if (dictionary.some((byte) => byte !== 0)) throw this.damage('the zstd data need a dictionary');
    const windowBytes = single ? contentBytes(rest.subarray(dictionaryBytes)) : windowOf(rest[0]!);
    if (windowBytes > MAX_WINDOW_BYTES) {
      const limit = formatBytes(MAX_WINDOW_BYTES);
      throw this.damage(`the zstd data need a window of ${formatBytes(windowBytes)}, more than ${limit}`);
    }
    return { bytes: Buffer.concat([magic, Buffer.of(descriptor), rest]), checksum: (descriptor & 0x04) !== 0 };
  }

  /** [RFC 8878] 3.1.1.2 */
  private async block(): Promise<{ readonly bytes: Buffer; readonly last: boolean }> {
    const header = await this.need(BLOCK_HEADER_BYTES);
    const bits = header.readUIntLE(0, BLOCK_HEADER_BYTES);
    const type = (bits >> 1) & 3;
    const size = bits >> 3;
    if (type === RESERVED || size > MAX_BLOCK_BYTES) throw this.damage('the zstd data are corrupt (a block header)');
    const content = await this.need(type === RLE ? 1 : size);
    if (type !== RAW && type !== RLE && size === 0) throw this.damage('the zstd data are corrupt (an empty block)');
    return { bytes: Buffer.concat([header, content]), last: (bits & 1) === 1 };
  }
}

/** Whether fewer than four bytes can be the beginning of a frame. */
function couldBegin(magic: Buffer): boolean {
  const first = Buffer.alloc(4);
  first.writeUInt32LE(MAGIC);
  return magic.length < 4 && magic.equals(first.subarray(0, magic.length));
}

/** Window_Descriptor: 3 bits of mantissa, 5 of exponent. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Frame_Content_Size; that of two bytes counts from 256. */
function contentBytes(field: Buffer): number {
  if (field.length === 8) return Number(field.readBigUInt64LE());
  return field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0);
}

function matches(first: Uint8Array): boolean {
  if (first.length < 4) return false;
  const value = Buffer.from(first.subarray(0, 4)).readUInt32LE();
  return value === MAGIC || ((value & SKIPPABLE_MASK) >>> 0) === SKIPPABLE_MAGIC;
}

export const zstd: Codec = { name: 'zstd', matches, decompress: (stored) => new ZstdStream(stored).content() };
