// Headers of zstd frames and blocks. [RFC 8878] 3.1.1.1, 3.1.1.2

import { formatBytes } from '../../base/units.js';
import { ZstdError, ZstdRefused } from './bits.js';

/** Little endian. */
export const FRAME_MAGIC = 0xfd2f_b528;
export const MAX_BLOCK_BYTES = 128 * 1024;
export const BLOCK_HEADER_BYTES = 3;
export const CHECKSUM_BYTES = 4;
/** Frames with a larger window are refused; the zstd program does so too, unless it is told otherwise. */
export const MAX_WINDOW_BYTES = 128 * 1024 ** 2;

const LONG_WAY = 'Decompress it on the way: zstd -dc --long=31 FILE | bellwether ingest -';

export const RAW = 0;
export const RLE = 1;
export const COMPRESSED = 2;

/** Bytes of Dictionary_ID by the lowest two bits of the frame header descriptor. */
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

export interface FrameHeader {
  /** How far back a match may reach. */
  readonly windowBytes: number;
  /** What a block may hold at most. */
  readonly maxBlockBytes: number;
  /** Bytes of the whole content; undefined when the frame doesn't say. */
  readonly contentBytes: number | undefined;
  /** The low four bytes of the content's XXH64 follow the last block. */
  readonly checksum: boolean;
}

export interface BlockHeader {
  readonly type: number;
  /** Bytes of the content for RAW and RLE, of what is stored for COMPRESSED. */
  readonly size: number;
  /** Bytes that are stored behind the header. */
  readonly storedBytes: number;
  readonly last: boolean;
}

/** Bytes of a frame header behind its descriptor, the byte that follows the magic number. */
export function headerRestBytes(descriptor: number): number {
  const single = Number(isSingle(descriptor));
  return 1 - single + DICTIONARY_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3] + contentSizeBytes(descriptor);
}

/** Reads the header from its descriptor and the headerRestBytes() bytes at `at`, which are there. Throws a ZstdError. */
export function readFrameHeader(descriptor: number, bytes: Uint8Array, at: number): FrameHeader {
  if ((descriptor & 0x08) !== 0) throw new ZstdError('a reserved bit is set');
  const single = isSingle(descriptor);
  const dictionaryAt = at + 1 - Number(single);
  const sizeAt = dictionaryAt + DICTIONARY_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3];
  for (let i = dictionaryAt; i < sizeAt; i++) {
    if (bytes[i] !== 0) throw new ZstdRefused('need a dictionary', 'Decompress it on the way: zstd -dc -D DICTIONARY FILE | bellwether ingest -');
  }
  const sizeBytes = contentSizeBytes(descriptor);
  const contentBytes = sizeBytes === 0 ? undefined : littleEndian(bytes, sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  const windowBytes = single ? (contentBytes ?? 0) : windowOf(bytes[at]!);
  if (windowBytes > MAX_WINDOW_BYTES) {
    throw new ZstdRefused(`need a window of ${formatBytes(windowBytes)}, more than ${formatBytes(MAX_WINDOW_BYTES)}`, LONG_WAY);
  }
  return { windowBytes, maxBlockBytes: Math.min(windowBytes, MAX_BLOCK_BYTES), contentBytes, checksum: (descriptor & 0x04) !== 0 };
}

/** Reads the BLOCK_HEADER_BYTES bytes at `at`, which are there. Throws a ZstdError. */
export function readBlockHeader(bytes: Uint8Array, at: number, { maxBlockBytes }: FrameHeader): BlockHeader {
  const bits = littleEndian(bytes, at, BLOCK_HEADER_BYTES);
  const type = (bits >> 1) & 3;
  const size = bits >> 3;
  if (size > maxBlockBytes || type > COMPRESSED) throw new ZstdError('a block header');
  return { type, size, storedBytes: type === RLE ? 1 : size, last: (bits & 1) === 1 };
}

/** At most 8 bytes; beyond 2^53 it isn't exact. */
export function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}

function isSingle(descriptor: number): boolean {
  return (descriptor & 0x20) !== 0;
}

function contentSizeBytes(descriptor: number): number {
  return descriptor >> 6 === 0 ? Number(isSingle(descriptor)) : 2 ** (descriptor >> 6);
}

/** Window_Descriptor: 3 bits of mantissa, 5 of exponent. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
