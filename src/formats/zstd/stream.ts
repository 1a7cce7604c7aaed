// Decompression of zstd as a stream, concatenated and skippable frames included. [RFC 8878]
// Memory: the window and a quarter of it more, 160 MiB at the very worst and 10 MiB for what the zstd program writes unless
// it is told otherwise; one stored block and its content, 128 KiB each.

import { DamagedData } from '../codec.js';
import type { Codec } from '../codec.js';
import { StoredReader } from '../stored-reader.js';
import { ZstdError, ZstdRefused } from './bits.js';
import { BlockDecoder } from './block.js';
import { BLOCK_HEADER_BYTES, CHECKSUM_BYTES, FRAME_MAGIC, headerRestBytes, readBlockHeader, readFrameHeader } from './header.js';
import type { FrameHeader } from './header.js';
import { SlidingWindow } from './window.js';
import { Xxh64, checksumOf } from './xxh64.js';

/** 184D2A50h to 184D2A5Fh. */
const SKIPPABLE_MAGIC = 0x184d_2a50;
const SKIPPABLE_MASK = 0xffff_fff0;

const CUT_OFF = 'the zstd data are cut off';

/** One pass over a stored stream. */
class ZstdStream {
  private readonly reader: StoredReader;
  private readonly blocks = new BlockDecoder();
  private readonly window = new SlidingWindow();
  /** Where the frame or block at hand begins: up to here all is well. */
  private good = 0;

  constructor(stored: AsyncIterable<Uint8Array>) {
    this.reader = new StoredReader(stored);
  }

  async *content(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        this.good = this.reader.position;
        const magic = await this.reader.take(4);
        if (magic.length === 0) return;
        const value = magic.length === 4 ? magic.readUInt32LE() : NaN;
        if (value === FRAME_MAGIC) yield* this.frame();
        else if (isSkippable(value)) await this.skipFrame();
        else throw this.damage(couldBegin(magic) ? CUT_OFF : 'other bytes follow the zstd data');
      }
    } catch (error) {
      const damage = error instanceof ZstdError ? this.damage(error.fault, error) : error;
      if (damage instanceof DamagedData) await this.reader.drain();
      throw damage;
    } finally {
      await this.reader.close();
    }
  }

  private damage(reason: string, cause?: unknown): DamagedData {
    return new DamagedData(reason, this.good, { cause, wayOut: cause instanceof ZstdRefused ? cause.wayOut : undefined });
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

  private async *frame(): AsyncGenerator<Uint8Array> {
    const { blocks, window } = this;
    const header = await this.header();
    const hash = header.checksum ? new Xxh64() : undefined;
    let left = header.contentBytes ?? Infinity;
    blocks.beginFrame();
    window.beginFrame(header);
    for (let last = false; !last; ) {
      this.good = this.reader.position;
      const block = readBlockHeader(await this.need(BLOCK_HEADER_BYTES), 0, header);
      const stored = await this.need(block.storedBytes);
      const content = window.take(blocks.decode(block.type, block.size, stored, 0, stored.length, window.room()));
      last = block.last;
      left -= content.length;
      if (left < 0 || (last && left > 0 && left !== Infinity)) throw new ZstdError('the content is not of the stated size');
      hash?.update(content);
      if (content.length > 0) yield content;
    }
    if (hash !== undefined && (await this.need(CHECKSUM_BYTES)).readUInt32LE() !== checksumOf(hash)) {
      throw new ZstdError('the checksum of the content differs');
    }
  }

  private async header(): Promise<FrameHeader> {
    const descriptor = (await this.need(1)).readUInt8();
    return readFrameHeader(descriptor, await this.need(headerRestBytes(descriptor)), 0);
  }
}

function isSkippable(magic: number): boolean {
  return (magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC;
}

/** Whether fewer than four bytes can be the beginning of a frame. */
function couldBegin(magic: Buffer): boolean {
  const first = Buffer.alloc(4);
  first.writeUInt32LE(FRAME_MAGIC);
  return magic.length < 4 && magic.equals(first.subarray(0, magic.length));
}

function matches(first: Uint8Array): boolean {
  if (first.length < 4) return false;
  const value = Buffer.from(first.subarray(0, 4)).readUInt32LE();
  return value === FRAME_MAGIC || isSkippable(value);
}

export const zstd: Codec = { name: 'zstd', matches, decompress: (stored) => new ZstdStream(stored).content() };
