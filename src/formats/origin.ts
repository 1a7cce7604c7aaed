// The zero of a trace's time: the first time stamp of its source, kept exactly.
// Events then carry whole nanoseconds since it, exact up to 2^53 - 1 ns, which is 104 days.

import { NS_PER_S } from '../base/units.js';

/** Turns absolute time stamps (seconds and nanoseconds) into nanoseconds since the first one. */
export class TimeOrigin {
  private seconds = NaN;
  private nanoseconds = NaN;

  /** Whether a time stamp has been seen. */
  get known(): boolean {
    return !Number.isNaN(this.seconds);
  }

  /** The first time stamp in ns on its clock; 0n without one. */
  get originNs(): bigint {
    return this.known ? BigInt(this.seconds) * BigInt(NS_PER_S) + BigInt(this.nanoseconds) : 0n;
  }

  /**
   * Nanoseconds from the first time stamp to this one; negative when it lies before.
   * NaN when it is farther than 2^53 - 1 ns away. The first call sets the origin.
   */
  relativeNs(seconds: number, nanoseconds: number): number {
    if (!this.known) {
      this.seconds = seconds;
      this.nanoseconds = nanoseconds;
    }
    const relative = (seconds - this.seconds) * NS_PER_S + (nanoseconds - this.nanoseconds);
    return Number.isSafeInteger(relative) ? relative : NaN;
  }
}
