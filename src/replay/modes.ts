// Two modes in a list of durations: those that are short because something didn't happen, and those that are long because it did.

import { ascending } from '../metrics/stats.js';

/** Fewer durations than this show no modes. */
const ENOUGH = 8;
/** The longest ones, of this share, are tails of either mode, and would pass for one of their own. */
const TAIL_SHARE = 0.1;
/**
 * Two medians take away this share of the distances from one median at least. Cutting a flat distribution takes away 0.5; a normal, an exponential
 * or a log-normal one, 0.42 to 0.47.
 */
const APART = 0.5;

export interface Modes {
  /** The duration from which on the long mode begins, in the unit of the durations. */
  readonly longFrom: number;
  /** Whether there really are two. */
  readonly apart: boolean;
}

/** Cuts durations where the distances from the medians of both sides are least; undefined where there are too few, or all alike. */
export function modesOf(durations: readonly number[]): Modes | undefined {
  const sorted = ascending(durations);
  const body = sorted.subarray(0, Math.ceil(sorted.length * (1 - TAIL_SHARE)));
  if (body.length < ENOUGH) return undefined;
  const upTo = new Float64Array(body.length + 1);
  for (let i = 0; i < body.length; i++) upTo[i + 1] = upTo[i]! + body[i]!;
  /** Distances of from .. to - 1 from their median: the upper half less the lower one. */
  const distances = (from: number, to: number): number => {
    const half = (to - from) >> 1;
    return upTo[to]! - upTo[to - half]! - (upTo[from + half]! - upTo[from]!);
  };
  let best = { within: Infinity, longFrom: NaN };
  for (let i = 1; i < body.length; i++) {
    if (body[i] === body[i - 1]) continue;
    const within = distances(0, i) + distances(i, body.length);
    if (within < best.within) best = { within, longFrom: body[i]! };
  }
  if (Number.isNaN(best.longFrom)) return undefined;
  return { longFrom: best.longFrom, apart: best.within <= (1 - APART) * distances(0, body.length) };
}
