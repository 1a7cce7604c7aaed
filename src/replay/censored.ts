// Durations of which some are known only to lie between two bounds. A register write that waited for the device's lock is
// seen when it was let in; when it came, nobody saw. Where in its bounds such a duration lies is taken from the others:
// the distribution that is consistent with all of them, found by iteration. [Turnbull 1976, self-consistency]

import { Samples } from './samples.js';

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

/** A list of such durations. There may be one for every command of a recording: they stand in columns, of bounded length. */
export class Durations {
  private readonly lows = new Samples<number>();
  private readonly highs = new Samples<number>();

  static of(all: Iterable<Bounds>): Durations {
    const durations = new Durations();
    for (const each of all) durations.push(each);
    return durations;
  }

  /** In ns, by number. */
  get low(): readonly number[] {
    return this.lows.kept;
  }

  get high(): readonly number[] {
    return this.highs.kept;
  }

  push({ low, high }: Bounds): void {
    this.lows.push(low);
    this.highs.push(high);
  }
}

const ITERATIONS = 12;

/**
 * One duration for each of the given ones, in ascending order: the exact ones, and for the others quantiles of what the
 * exact ones are like between their bounds. Where none lies there, the middle.
 */
export function resolved({ low, high }: Durations): readonly number[] {
  const values = Float64Array.from(low.filter((ns, i) => ns >= high[i]!)).sort();
  const spans: Spans = { from: [], to: [] };
  const orphans: number[] = [];
  for (let i = 0; i < low.length; i++) {
    if (low[i]! >= high[i]!) continue;
    const from = lowerBound(values, low[i]!);
    const to = lowerBound(values, high[i]! + 1);
    if (from >= to) orphans.push((low[i]! + high[i]!) / 2);
    else {
      spans.from.push(from);
      spans.to.push(to);
    }
  }
  if (spans.from.length + orphans.length === 0) return Array.from(values);
  const found = quantiles(values, spread(values.length, spans), values.length + spans.from.length);
  if (orphans.length === 0) return found;
  for (const ns of orphans) found.push(ns);
  return found.sort((x, y) => x - y);
}

/** Places between which the exact values lie that a duration may have: from inclusive, to exclusive. */
interface Spans {
  readonly from: number[];
  readonly to: number[];
}

/** Weight of each exact value when every span's weight of 1 lies on the values in it, in proportion to their weights. */
function spread(count: number, { from, to }: Spans): Float64Array {
  let weights = new Float64Array(count).fill(1);
  for (let i = 0; i < ITERATIONS; i++) {
    const upTo = new Float64Array(count + 1);
    for (let k = 0; k < count; k++) upTo[k + 1] = upTo[k]! + weights[k]!;
    // The share of its weight that each value gets from spans, as differences.
    const share = new Float64Array(count + 1);
    for (let span = 0; span < from.length; span++) {
      const each = 1 / (upTo[to[span]!]! - upTo[from[span]!]!);
      share[from[span]!]! += each;
      share[to[span]!]! -= each;
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
