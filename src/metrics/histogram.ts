// A log-linear histogram of durations: fixed memory. A quantile is off by at most 1 / 64 of its value,
// and by less than 1 ns below 64 ns.

const SUB_BUCKETS = 64;
/** Powers of two of ns covered above the first SUB_BUCKETS. */
const POWERS = 46;
/** 52 days; a longer duration counts as this one. */
const LONGEST_NS = SUB_BUCKETS * 2 ** POWERS - 1;

/** Counts durations of 0 or more ns. */
export class DurationHistogram {
  private readonly counts = new Float64Array((SUB_BUCKETS / 2) * (POWERS + 2));
  private total = 0;

  get count(): number {
    return this.total;
  }

  /** Adds a duration in ns; NaN (an unknown step) is left out. */
  add(ns: number): void {
    // What most durations are, in whole numbers: several times as fast.
    if (ns >= 0 && ns < 2 ** 31) this.counts[bucketOfWhole(ns | 0)]! += 1;
    else if (Number.isNaN(ns)) return;
    else this.counts[ns < 0 ? 0 : bucketOf(Math.min(ns, LONGEST_NS))]! += 1;
    this.total += 1;
  }

  /** Adds all that another one counted. */
  addAll({ counts, total }: DurationHistogram): void {
    for (let bucket = 0; bucket < counts.length; bucket++) this.counts[bucket]! += counts[bucket]!;
    this.total += total;
  }

  /** The p-quantile (p in 0..1) in ns, as the middle of its bucket; NaN when empty. */
  quantile(p: number): number {
    if (this.total === 0) return NaN;
    const rank = p * (this.total - 1);
    let passed = 0;
    for (let bucket = 0; bucket < this.counts.length; bucket++) {
      passed += this.counts[bucket]!;
      if (passed > rank) return middleOf(bucket);
    }
    return middleOf(this.counts.length - 1);
  }
}

/** Values below SUB_BUCKETS have a bucket each; above, every power of two is cut into SUB_BUCKETS / 2 equal parts. */
function bucketOfWhole(ns: number): number {
  if (ns < SUB_BUCKETS) return ns;
  const power = 26 - Math.clz32(ns);
  return power * (SUB_BUCKETS / 2) + (ns >>> power);
}

/** The same for durations of 2^31 ns or more. */
function bucketOf(ns: number): number {
  const power = Math.floor(Math.log2(ns / SUB_BUCKETS)) + 1;
  return power * (SUB_BUCKETS / 2) + Math.floor(ns / 2 ** power);
}

function middleOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const power = Math.floor(bucket / (SUB_BUCKETS / 2)) - 1;
  const part = bucket - power * (SUB_BUCKETS / 2);
  return (part + 0.5) * 2 ** power;
}
