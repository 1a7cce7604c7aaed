// How full something was, weighted by time: the time spent at each level. Memory grows with the highest level only.

/** Levels over a stretch of time; a quantile is the level that was not exceeded for that share of the time. */
export interface LevelSummary {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Follows one level from time 0 on. */
export class LevelMeter {
  private heldNs = new Float64Array(64);
  private level = 0;
  private sinceNs = 0;
  private max = 0;

  /** The level becomes `level` at `timeNs`, which never goes back. */
  change(timeNs: number, level: number): void {
    this.heldNs[this.level]! += timeNs - this.sinceNs;
    this.sinceNs = timeNs;
    this.level = level;
    if (level > this.max) this.rise();
  }

  private rise(): void {
    this.max = this.level;
    if (this.level < this.heldNs.length) return;
    const wider = new Float64Array(Math.max(this.heldNs.length * 2, this.level + 1));
    wider.set(this.heldNs);
    this.heldNs = wider;
  }

  /** What was seen up to `endNs`; all 0 when no time passed. */
  summary(endNs: number): LevelSummary {
    this.change(endNs, this.level);
    let total = 0;
    let weighted = 0;
    for (let level = 0; level <= this.max; level++) {
      total += this.heldNs[level]!;
      weighted += level * this.heldNs[level]!;
    }
    return { mean: total === 0 ? 0 : weighted / total, p50: this.quantile(0.5, total), p99: this.quantile(0.99, total), max: this.max };
  }

  private quantile(share: number, totalNs: number): number {
    let passed = 0;
    for (let level = 0; level < this.max; level++) {
      passed += this.heldNs[level]!;
      if (passed >= share * totalNs) return level;
    }
    return this.max;
  }
}
