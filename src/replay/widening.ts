// What a recording is missed by when it is replayed as it was, a prediction made from it may be missed by: the ends of its intervals
// lie so much further out.

import type { Interval } from '../metrics/stats.js';

/** How many times more or less writes than predicted there may be, 1 or more, by side. */
export interface Miss {
  readonly sq: number;
  readonly cq: number;
}

export const NO_MISS: Miss = { sq: 1, cq: 1 };

/** A number of the recording, and the same of its replays. */
export interface Replayed {
  readonly recorded: number;
  readonly replayed: number;
}

/** Shadow doorbells on or off, in the recording and in the prediction; and whether the host was fitted to the CQ writes, as where threads took turns. */
export interface Shadow {
  readonly recorded: boolean;
  readonly predicted: boolean;
  readonly fitted: boolean;
}

/**
 * The miss of a prediction.
 *
 *   SQ writes    with shadow doorbells on a submission rings above all when it finds the device idle: a replay that misses those submissions
 *                misses the writes, even where the recorded ones agree by construction. With them off each submission rings
 *   CQ writes    as the recorded ones are missed; of a recording with shadow doorbells on, whatever is missed by most: none of its numbers
 *                agrees by construction, and passes with them off hang on all of the replay. So they do where shadow doorbells are predicted on
 *                and nothing was fitted to passes
 */
export function missBy({ sq, cq, idleWakes }: { readonly sq: Replayed; readonly cq: Replayed; readonly idleWakes: Replayed }, { recorded, predicted, fitted }: Shadow): Miss {
  const ofSubmissions = Math.max(factor(sq), factor(idleWakes));
  return { sq: predicted ? ofSubmissions : 1, cq: recorded || (predicted && !fitted) ? Math.max(ofSubmissions, factor(cq)) : factor(cq) };
}

function factor({ recorded, replayed }: Replayed): number {
  return recorded === 0 || replayed === 0 ? 1 : Math.max(recorded / replayed, replayed / recorded);
}

/**
 * Both ends further out.
 * @param most what there can be at most, such as a write for each command; an interval that holds more already keeps its end
 */
export function widened({ median, low, high }: Interval, miss: number, most: number): Interval {
  return { median, low: low / miss, high: Math.max(high, Math.min(high * miss, most)) };
}

/** The same for the total: its ends go as far out as those of both sides together, and no further than these lie. */
export function widenedTotal(total: Interval, sides: SideIntervals, widenedSides: SideIntervals): Interval {
  const [sq, cq, widerSq, widerCq] = [sides.sq, sides.cq, widenedSides.sq, widenedSides.cq];
  const low = total.low - (sq.low - widerSq.low) - (cq.low - widerCq.low);
  const high = total.high + (widerSq.high - sq.high) + (widerCq.high - cq.high);
  return { median: total.median, low: Math.min(total.low, Math.max(low, widerSq.low + widerCq.low)), high: Math.max(total.high, Math.min(high, widerSq.high + widerCq.high)) };
}

interface SideIntervals {
  readonly sq: Interval;
  readonly cq: Interval;
}
