// Small statistics over arrays of numbers.

/** The p-quantile (p in 0..1) of values sorted in ascending order, by linear interpolation; NaN for none. */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return NaN;
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (at - below);
}

/** A copy in ascending order. */
export function ascending(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).sort();
}

/** A median with the interval that holds the central 90 % of the values. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Median, 5 % and 95 % quantile of the values. */
export function interval90(values: Iterable<number>): Interval {
  const sorted = ascending(values);
  return {
    median: quantileSorted(sorted, 0.5),
    low: quantileSorted(sorted, 0.05),
    high: quantileSorted(sorted, 0.95),
  };
}

/** Arithmetic mean; NaN for none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
