// Durations of which some are known only to lie between two bounds. A register write that waited for the device's lock is
// seen when it was let in; when it came, nobody saw. Where in its bounds such a duration lies is taken from the others:
// the distribution that is consistent with all of them, found by iteration. [Turnbull 1976, self-consistency]

/** A duration between `low` and `high`, in ns; known exactly when they are equal. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export function exactly(ns: number): Bounds {
  return { low: ns, high: ns };
}

/** The bounds with `ns` taken out, down to nothing. */
export function less({ low, high }: Bounds, ns: number): Bounds {
  return { low: Math.max(low - ns, 0), high: Math.max(high - ns, 0) };
}

const ITERATIONS = 12;

/**
 * One duration for each of the given ones, in ascending order: the exact ones, and for the others quantiles of what the
 * exact ones are like between their bounds. Where none lies there, the middle.
 */
export function resolved(durations: readonly Bounds[]): readonly number[] {
  const open = durations.filter(({ low, high }) => low < high);
  const values = Float64Array.from(durations.filter(({ low, high }) => low >= high).map(({ low }) => low)).sort();
  const between = open.map(({ low, high }) => [lowerBound(values, low), lowerBound(values, high + 1)] as const);
  const orphans = open.filter((_, i) => between[i]![0] >= between[i]![1]).map(({ low, high }) => (low + high) / 2);
  const spans = between.filter(([from, to]) => from < to);
  const weights = spread(values.length, spans);
  return [...quantiles(values, weights, values.length + spans.length), ...orphans].sort((a, b) => a - b);
}

/** Weight of each exact value when every span's weight of 1 lies on the values in it, in proportion to their weights. */
function spread(count: number, spans: readonly (readonly [number, number])[]): Float64Array {
  let weights = new Float64Array(count).fill(1);
  for (let i = 0; i < ITERATIONS; i++) {
    const upTo = new Float64Array(count + 1);
    for (let k = 0; k < count; k++) upTo[k + 1] = upTo[k]! + weights[k]!;
    // The share of its weight that each value gets from spans, as differences.
    const share = new Float64Array(count + 1);
    for (const [from, to] of spans) {
      const each = 1 / (upTo[to]! - upTo[from]!);
      share[from]! += each;
      share[to]! -= each;
    }
    const next = new Float64Array(count);
    let running = 0;
    for (let k = 0; k < count; k++) {
      running += share[k]!;
      next[k] = 1 + weights[k]! * running;
    }
    weights = next;
  }
  return weights;
}

/** `n` values at evenly spaced weights. */
function quantiles(values: Float64Array, weights: Float64Array, n: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const found: number[] = [];
  let k = 0;
  let upTo = weights[0] ?? 0;
  for (let i = 0; i < n; i++) {
    while (upTo < ((i + 0.5) / n) * total && k < values.length - 1) upTo += weights[++k]!;
    found.push(values[k]!);
  }
  return found;
}

/** The first place whose value is `limit` or more. */
function lowerBound(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
