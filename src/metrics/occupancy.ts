// Queue occupancy over time, in bins of equal width: minimum, time-weighted median and maximum per bin.
// The input are changes of a level; the level holds until its next change.

/** One bin of one level. Times in ns since the trace's origin. */
export interface OccupancyBin {
  readonly startNs: number;
  readonly endNs: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** A time window, from inclusive, to exclusive, in ns since the trace's origin. */
export interface TimeWindow {
  readonly fromNs: number;
  readonly toNs: number;
}

/**
 * Bins one level (a number of entries) over a window. Memory: one small histogram, for the current bin.
 * Changes must come in time order; those before the window set the level that it starts with.
 */
export class LevelBins {
  private readonly window: TimeWindow;
  private readonly widthNs: number;
  private readonly bins: OccupancyBin[] = [];
  private readonly count: number;
  private level = 0;
  private sinceNs: number;
  /** Level -> ns that it held within the current bin. A level that was only passed through holds 0 ns. */
  private held = new Map<number, number>([[0, 0]]);

  constructor(window: TimeWindow, count: number) {
    this.window = window;
    this.count = count;
    this.widthNs = (window.toNs - window.fromNs) / count;
    this.sinceNs = window.fromNs;
  }

  /** The level becomes `level` at `timeNs`. */
  change(timeNs: number, level: number): void {
    if (timeNs > this.window.fromNs) this.holdUntil(Math.min(timeNs, this.window.toNs));
    if (timeNs < this.window.fromNs) this.held.clear();
    this.level = level;
    if (timeNs < this.window.toNs && !this.held.has(level)) this.held.set(level, 0);
  }

  /** The bins of the whole window. */
  finish(): readonly OccupancyBin[] {
    this.holdUntil(this.window.toNs);
    return this.bins;
  }

  private holdUntil(timeNs: number): void {
    while (this.bins.length < this.count) {
      const endNs = this.binStart(this.bins.length + 1);
      if (timeNs < endNs) break;
      this.hold(endNs);
      this.closeBin(endNs);
    }
    if (this.bins.length < this.count) this.hold(timeNs);
  }

  private hold(timeNs: number): void {
    this.held.set(this.level, (this.held.get(this.level) ?? 0) + timeNs - this.sinceNs);
    this.sinceNs = timeNs;
  }

  private closeBin(endNs: number): void {
    const levels = [...this.held].sort(([a], [b]) => a - b);
    const half = levels.reduce((sum, [, ns]) => sum + ns, 0) / 2;
    let passed = 0;
    const middle = levels.find(([, ns]) => (passed += ns) >= half);
    this.bins.push({
      startNs: this.binStart(this.bins.length),
      endNs,
      min: levels[0]![0],
      median: middle![0],
      max: levels.at(-1)![0],
    });
    this.held = new Map([[this.level, 0]]);
  }

  /** The end of the last bin is the window's, not a sum that rounding may carry beyond it. */
  private binStart(bin: number): number {
    return bin === this.count ? this.window.toNs : this.window.fromNs + bin * this.widthNs;
  }
}
