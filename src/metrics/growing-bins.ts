// A level over time in bins, for a time span that isn't known beforehand: when the bins run out, each two become one.

/** One bin of a level. Times in ns since the trace's origin. */
export interface GrowingBin {
  readonly startNs: number;
  readonly endNs: number;
  readonly min: number;
  /** Time-weighted. */
  readonly mean: number;
  readonly max: number;
}

/** Width of the bins at first. */
const FIRST_WIDTH_NS = 1024;

/**
 * Bins one level (a number of entries) from `startNs` on. Memory: four numbers for each of `capacity` bins (an even number).
 * Changes must come in time order; one that lies before its predecessor counts as if it came at the same time.
 */
export class GrowingBins {
  private readonly startNs: number;
  private readonly capacity: number;
  private readonly min: Float64Array;
  private readonly max: Float64Array;
  private readonly integral: Float64Array;
  private readonly covered: Float64Array;
  private widthNs = FIRST_WIDTH_NS;
  private sinceNs: number;
  private level = 0;

  constructor(startNs: number, capacity: number) {
    this.startNs = startNs;
    this.sinceNs = startNs;
    this.capacity = capacity;
    this.min = new Float64Array(capacity).fill(Infinity);
    this.max = new Float64Array(capacity).fill(-Infinity);
    this.integral = new Float64Array(capacity);
    this.covered = new Float64Array(capacity);
  }

  /** The level becomes `level` at `timeNs`. */
  change(timeNs: number, level: number): void {
    this.holdUntil(timeNs);
    this.level = level;
    this.note(Math.floor((this.sinceNs - this.startNs) / this.widthNs), 0);
  }

  /** The bins up to `endNs`; those that no time was spent in are left out. */
  finish(endNs: number): readonly GrowingBin[] {
    this.holdUntil(endNs);
    const bins: GrowingBin[] = [];
    for (let bin = 0; bin < this.capacity; bin++) {
      if (this.covered[bin] === 0) continue;
      const startNs = this.startNs + bin * this.widthNs;
      bins.push({
        startNs,
        endNs: Math.min(startNs + this.widthNs, this.sinceNs),
        min: this.min[bin]!,
        mean: this.integral[bin]! / this.covered[bin]!,
        max: this.max[bin]!,
      });
    }
    return bins;
  }

  private holdUntil(timeNs: number): void {
    if (!(timeNs > this.sinceNs)) {
      this.makeRoom(this.sinceNs);
      return;
    }
    this.makeRoom(timeNs);
    while (this.sinceNs < timeNs) {
      const bin = Math.floor((this.sinceNs - this.startNs) / this.widthNs);
      const untilNs = Math.min(timeNs, this.startNs + (bin + 1) * this.widthNs);
      this.note(bin, untilNs - this.sinceNs);
      this.sinceNs = untilNs;
    }
  }

  private note(bin: number, heldNs: number): void {
    this.min[bin] = Math.min(this.min[bin]!, this.level);
    this.max[bin] = Math.max(this.max[bin]!, this.level);
    this.integral[bin] = this.integral[bin]! + this.level * heldNs;
    this.covered[bin] = this.covered[bin]! + heldNs;
  }

  /** Makes the bins so wide that one has `timeNs` in it. */
  private makeRoom(timeNs: number): void {
    while (timeNs - this.startNs >= this.widthNs * this.capacity) {
      this.widthNs *= 2;
      for (let bin = 0; bin < this.capacity; bin++) {
        const [a, b] = [2 * bin, 2 * bin + 1];
        const both = b < this.capacity;
        this.min[bin] = both ? Math.min(this.min[a]!, this.min[b]!) : Infinity;
        this.max[bin] = both ? Math.max(this.max[a]!, this.max[b]!) : -Infinity;
        this.integral[bin] = both ? this.integral[a]! + this.integral[b]! : 0;
        this.covered[bin] = both ? this.covered[a]! + this.covered[b]! : 0;
      }
    }
  }
}
