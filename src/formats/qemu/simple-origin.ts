// The zero of a trace's time when stamps are 64-bit counts of nanoseconds, which a number can't hold exactly:
// 2^53 ns are 104 days, and a host's monotonic clock runs since it was started.

const TWO_32 = 2 ** 32;

/** Turns 64-bit time stamps, as two words of 32 bits, into nanoseconds since the first one. */
export class WordOrigin {
  private high = NaN;
  private low = NaN;

  /** Whether a time stamp has been seen. */
  get known(): boolean {
    return !Number.isNaN(this.high);
  }

  /** The first time stamp in ns on its clock; 0n without one. */
  get originNs(): bigint {
    return this.known ? BigInt(this.high) * BigInt(TWO_32) + BigInt(this.low) : 0n;
  }

  /** Nanoseconds from the first time stamp to this one; NaN when it is farther than 2^53 - 1 ns away. The first call sets the origin. */
  relativeNs(high: number, low: number): number {
    if (Number.isNaN(this.high)) {
      this.high = high;
      this.low = low;
    }
    const relative = (high - this.high) * TWO_32 + (low - this.low);
    return Number.isSafeInteger(relative) ? relative : NaN;
  }
}
