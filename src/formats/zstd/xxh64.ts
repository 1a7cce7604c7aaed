// XXH64 with seed 0 over a stream: the content checksum of zstd frames.
// [XXH] xxhash.com/doc, doc/xxhash_spec.md "XXH64"; [RFC 8878] 3.1.1: the frame keeps its low four bytes.
// The stripes run on 32-bit halves, about 20 times as fast as on BigInt; the rest, at most 31 bytes, is BigInt.

const PRIME_1 = 0x9e37_79b1_85eb_ca87n;
const PRIME_2 = 0xc2b2_ae3d_27d4_eb4fn;
const PRIME_3 = 0x1656_67b1_9e37_79f9n;
const PRIME_4 = 0x85eb_ca77_c2b2_ae63n;
const PRIME_5 = 0x27d4_eb2f_1656_67c5n;
const P1_LO = 0x85eb_ca87 | 0;
const P1_HI = 0x9e37_79b1 | 0;
const P2_LO = 0x27d4_eb4f | 0;
const P2_HI = 0xc2b2_ae3d | 0;

const STRIPE_BYTES = 32;
const LANES = 4;
/** How far each lane is turned when the lanes are joined. */
const LANE_TURNS = [1n, 7n, 12n, 18n] as const;

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function rotate(value: bigint, bits: bigint): bigint {
  return u64((value << bits) | (value >> (64n - bits)));
}

function round(lane: bigint, input: bigint): bigint {
  return u64(rotate(u64(lane + input * PRIME_2), 31n) * PRIME_1);
}

/** A running checksum. */
export class Xxh64 {
  private readonly low = new Int32Array(LANES);
  private readonly high = new Int32Array(LANES);
  /** The beginning of a stripe that isn't complete. */
  private readonly rest = Buffer.alloc(STRIPE_BYTES);
  private restBytes = 0;
  private bytes = 0n;

  constructor() {
    for (const [i, lane] of [u64(PRIME_1 + PRIME_2), PRIME_2, 0n, u64(-PRIME_1)].entries()) {
      this.low[i] = Number(BigInt.asIntN(32, lane));
      this.high[i] = Number(BigInt.asIntN(32, lane >> 32n));
    }
  }

  update(chunk: Uint8Array): void {
    const data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.bytes += BigInt(data.length);
    let at = 0;
    if (this.restBytes > 0) {
      at = data.copy(this.rest, this.restBytes, 0, STRIPE_BYTES - this.restBytes);
      this.restBytes += at;
      if (this.restBytes < STRIPE_BYTES) return;
      this.stripes(this.rest, 0, STRIPE_BYTES);
    }
    const end = at + Math.floor((data.length - at) / STRIPE_BYTES) * STRIPE_BYTES;
    this.stripes(data, at, end);
    this.restBytes = data.copy(this.rest, 0, end);
  }

  /** The checksum of what came so far. */
  digest(): bigint {
    let hash = this.bytes >= STRIPE_BYTES ? this.joined() : PRIME_5;
    hash = u64(hash + this.bytes);
    let at = 0;
    for (; at + 8 <= this.restBytes; at += 8) {
      hash = u64(rotate(hash ^ round(0n, this.rest.readBigUInt64LE(at)), 27n) * PRIME_1 + PRIME_4);
    }
    if (at + 4 <= this.restBytes) {
      hash = u64(rotate(hash ^ u64(BigInt(this.rest.readUInt32LE(at)) * PRIME_1), 23n) * PRIME_2 + PRIME_3);
      at += 4;
    }
    for (; at < this.restBytes; at++) hash = u64(rotate(hash ^ u64(BigInt(this.rest[at]!) * PRIME_5), 11n) * PRIME_1);
    hash = u64((hash ^ (hash >> 33n)) * PRIME_2);
    hash = u64((hash ^ (hash >> 29n)) * PRIME_3);
    return hash ^ (hash >> 32n);
  }

  private joined(): bigint {
    const lanes = LANE_TURNS.map((_, i) => (BigInt(this.high[i]! >>> 0) << 32n) | BigInt(this.low[i]! >>> 0));
    let hash = u64(lanes.reduce((sum, lane, i) => sum + rotate(lane, LANE_TURNS[i]!), 0n));
    for (const lane of lanes) hash = u64((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4);
    return hash;
  }

  /** Whole stripes: each of the four lanes takes 8 bytes, lane = rotate(lane + input * PRIME_2, 31) * PRIME_1. */
  private stripes(data: Buffer, start: number, end: number): void {
    const { low, high } = this;
    for (let at = start; at < end; at += STRIPE_BYTES) {
      for (let i = 0; i < LANES; i++) {
        const inLow = data.readInt32LE(at + 8 * i);
        const inHigh = data.readInt32LE(at + 8 * i + 4);
        const addLow = Math.imul(inLow, P2_LO);
        const addHigh = (mulHigh(inLow, P2_LO) + Math.imul(inLow, P2_HI) + Math.imul(inHigh, P2_LO)) | 0;
        const sumLow = (low[i]! + addLow) | 0;
        // The sum wrapped when it is below one of its parts.
        const sumHigh = (high[i]! + addHigh + (sumLow >>> 0 < addLow >>> 0 ? 1 : 0)) | 0;
        const turnedLow = (sumLow << 31) | (sumHigh >>> 1);
        const turnedHigh = (sumHigh << 31) | (sumLow >>> 1);
        low[i] = Math.imul(turnedLow, P1_LO);
        high[i] = (mulHigh(turnedLow, P1_LO) + Math.imul(turnedLow, P1_HI) + Math.imul(turnedHigh, P1_LO)) | 0;
      }
    }
  }
}

/** The upper 32 bits of the product of two unsigned 32-bit numbers; every sum here stays below 2^32. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const first = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const second = (Math.imul(aLow, bHigh) + (first & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (first >>> 16) + (second >>> 16)) | 0;
}

/** The checksum that a zstd frame keeps of its content: the low four bytes. */
export function checksumOf(content: Uint8Array | Xxh64): number {
  if (content instanceof Xxh64) return Number(BigInt.asUintN(32, content.digest()));
  const hash = new Xxh64();
  hash.update(content);
  return checksumOf(hash);
}
