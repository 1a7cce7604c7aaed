// Bit streams of zstd. [RFC 8878] 4.1 (FSE tables, read forwards), 4.2.2 and 3.1.1.3.2.1.2 (symbols, read backwards)

/** Data that aren't what RFC 8878 allows. */
export class ZstdError extends Error {
  /** For a sentence: "the zstd data are corrupt (a bit stream ends too early)". */
  get fault(): string {
    return `the zstd data are corrupt (${this.message})`;
  }
}

/** Sound data, as far as can be told, that ask for more than is given here. */
export class ZstdRefused extends ZstdError {
  /** What to do instead, a sentence. */
  readonly wayOut: string;

  constructor(reason: string, wayOut: string) {
    super(reason);
    this.wayOut = wayOut;
  }

  /** "the zstd data need a dictionary". */
  override get fault(): string {
    return `the zstd data ${this.message}`;
  }
}

/** Bits [bit, bit + count) of the bytes from `start` on, low bit first; zero outside of the array. At most 25. */
export function bitsAt(bytes: Uint8Array, start: number, bit: number, count: number): number {
  const at = start + (bit >> 3);
  // Outside of the array undefined becomes 0.
  const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  return (word >>> (bit & 7)) & ((1 << count) - 1);
}

/** Reads bytes [start, end) from the last bit before the end mark down to the first. */
export class BackwardBits {
  readonly bytes: Uint8Array;
  readonly start: number;
  /** Bits that are left. */
  left: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    const last = end > start ? bytes[end - 1]! : 0;
    if (last === 0) throw new ZstdError('a bit stream has no end mark');
    this.bytes = bytes;
    this.start = start;
    this.left = (end - start) * 8 - 8 + (31 - Math.clz32(last));
  }

  /** The next `count` bits, at most 32; throws when there aren't so many. */
  read(count: number): number {
    this.left -= count;
    if (this.left < 0) throw new ZstdError('a bit stream ends too early');
    if (count <= 24) return bitsAt(this.bytes, this.start, this.left, count);
    return bitsAt(this.bytes, this.start, this.left + 24, count - 24) * 0x100_0000 + bitsAt(this.bytes, this.start, this.left, 24);
  }
}
