// How one capture's clock relates to another's: an offset and a drift, fitted to pairs of anchors.
//
// Order is evidence: a command is fetched after the driver built it, and consumed after the device finished it. Each such
// pair bounds the offset from one side, and where both sides are there the truth lies between the tightest bounds (the
// idea of NTP, and of Duda et al., "Estimating Global Time in Distributed Systems", 1987). Where pairs bound it from one
// side only (a doorbell write is trapped before the device sees it), the fastest pair is taken to have taken no time.

import { ANCHOR, VIEW, classOf } from './anchors.js';
import type { View } from './anchors.js';
import type { AnchorPairs } from './pairs.js';

/** How the offset was found. */
export type FitMethod = 'between bounds' | 'fastest pair' | 'same events' | 'given' | 'reference';

export interface ClockFit {
  readonly method: FitMethod;
  /** Time in ns of the second capture = shiftNs + (1 + drift) * time of the first, both since their origins. */
  readonly shiftNs: number;
  /** Dimensionless: 1e-6 is a microsecond in a second. */
  readonly drift: number;
  /** Pairs of anchors that it rests on. */
  readonly matches: number;
  /** Half the width between the tightest bounds in ns; below 0 when they contradict each other. NaN without bounds from both sides. */
  readonly marginNs: number;
  /** Median distance in ns of a pair's two times after the fit: how long the step took, or what the fit missed. */
  readonly residualNs: number;
  /** Distance in ns that 99 % of the pairs that are one and the same event stay below; NaN without such pairs. */
  readonly sameEventNs: number;
}

/** Parts of the overlap whose offsets are compared for the drift. */
const MAX_PARTS = 64;
const MIN_PAIRS_PER_PART = 16;
const MIN_PARTS_FOR_DRIFT = 8;
/** Two computers' clocks differ by less: a larger drift is an artefact of latencies. */
const MAX_DRIFT = 500e-6;
/** Standard errors that a drift must exceed. */
const CLEAR = 4;
/** A standard deviation in median absolute deviations, of normally distributed values. */
const SIGMA_PER_MAD = 1.4826;
/** Where bounds come from one side only, a trend of the latency looks like a drift: it must exceed this many times the scatter. */
const CLEAR_OF_LATENCY = 10;
/** One bound in a thousand may be wrong. */
const OUTLIERS = 0.001;

/** Fits the clock of a capture of the first view to that of one of the second. There must be one pair at least. */
export function fitClock(pairs: AnchorPairs, first: View, second: View): ClockFit {
  const bounds = pairs.keys.map((key) => boundOf(key, first, second));
  const { method, used } = chooseMethod(bounds);
  const times = select(pairs.timesNs, used);
  const differences = select(pairs.differencesNs, used);
  const kinds = select(bounds, used);
  const middle = (times[0]! + times.at(-1)!) / 2;

  const drift = driftOf(times, differences, kinds, method);
  const level = levelOf(differences.map((d, i) => d - drift * (times[i]! - middle)), kinds, method);
  const shiftNs = level.offsetNs - drift * middle;

  const distances = pairs.differencesNs.map((d, i) => Math.abs(d - shiftNs - drift * pairs.timesNs[i]!));
  const same = distances.filter((_, i) => classOf(pairs.keys[i]!) === ANCHOR.doorbell || first === second);
  return {
    method,
    shiftNs,
    drift,
    matches: used.length,
    marginNs: level.marginNs,
    residualNs: quantile(distances, 0.5),
    sameEventNs: same.length === 0 ? NaN : quantile(same, 0.99),
  };
}

/** Whether a pair's difference is an upper bound of the offset (+1), a lower one (-1), or the offset itself (0). */
function boundOf(key: number, first: View, second: View): number {
  if (first === second) return 0;
  const down = first < second ? 1 : -1;
  switch (classOf(key)) {
    case ANCHOR.doorbell:
    case ANCHOR.start:
      return down;
    case ANCHOR.finish:
      return first === VIEW.device || second === VIEW.device ? -down : NaN;
    default:
      // A read and its answer pass both ways: it doesn't say which side notes it first.
      return NaN;
  }
}

/** Bounds from both sides are best, then events that are the same, then bounds from one side. */
function chooseMethod(bounds: Float64Array): { method: FitMethod; used: readonly number[] } {
  const indexes = (wanted: (bound: number) => boolean): number[] => [...bounds.keys()].filter((i) => wanted(bounds[i]!));
  const upper = indexes((bound) => bound === 1);
  const lower = indexes((bound) => bound === -1);
  if (upper.length > 0 && lower.length > 0) return { method: 'between bounds', used: indexes((b) => b === 1 || b === -1) };
  const equal = indexes((bound) => bound === 0);
  if (equal.length > 0) return { method: 'same events', used: equal };
  if (upper.length + lower.length > 0) return { method: 'fastest pair', used: upper.length > 0 ? upper : lower };
  return { method: 'same events', used: [...bounds.keys()] };
}

/** The offset of a set of differences from which the drift has been taken, and half the width of its bounds. */
function levelOf(differences: Float64Array, bounds: Float64Array, method: FitMethod): { offsetNs: number; marginNs: number } {
  const upper = differences.filter((_, i) => bounds[i] === 1);
  const lower = differences.filter((_, i) => bounds[i] === -1);
  const lowestUpper = quantile(upper, OUTLIERS);
  const highestLower = quantile(lower, 1 - OUTLIERS);
  if (method === 'between bounds') {
    return { offsetNs: (lowestUpper + highestLower) / 2, marginNs: (lowestUpper - highestLower) / 2 };
  }
  if (method === 'fastest pair') return { offsetNs: upper.length > 0 ? lowestUpper : highestLower, marginNs: NaN };
  return { offsetNs: quantile(differences, 0.5), marginNs: NaN };
}

/** The slope of the offset over time: the median of the slopes between parts (Theil-Sen), unless it is lost in their scatter. */
function driftOf(times: Float64Array, differences: Float64Array, bounds: Float64Array, method: FitMethod): number {
  const parts = Math.min(MAX_PARTS, Math.floor(times.length / MIN_PAIRS_PER_PART));
  if (parts < MIN_PARTS_FOR_DRIFT) return 0;
  const centres: number[] = [];
  const offsets: number[] = [];
  for (let part = 0; part < parts; part++) {
    const from = Math.floor((part * times.length) / parts);
    const to = Math.floor(((part + 1) * times.length) / parts);
    const { offsetNs } = levelOf(differences.subarray(from, to), bounds.subarray(from, to), method);
    if (Number.isNaN(offsetNs)) continue;
    centres.push(quantile(times.subarray(from, to), 0.5));
    offsets.push(offsetNs);
  }
  const slopes: number[] = [];
  for (let i = 0; i < centres.length; i++) {
    for (let j = i + 1; j < centres.length; j++) {
      if (centres[j]! > centres[i]!) slopes.push((offsets[j]! - offsets[i]!) / (centres[j]! - centres[i]!));
    }
  }
  if (slopes.length === 0) return 0;
  const slope = quantile(Float64Array.from(slopes), 0.5);
  const level = Float64Array.from(offsets, (offset, i) => offset - slope * (centres[i]! - centres[0]!));
  const middle = quantile(level, 0.5);
  const scatter = quantile(level.map((offset) => Math.abs(offset - middle)), 0.5);
  // The error of a regression line over n evenly spaced points, from end to end: sigma * sqrt(12 / n).
  const acrossError = SIGMA_PER_MAD * scatter * Math.sqrt(12 / centres.length);
  const least = method === 'fastest pair' ? CLEAR_OF_LATENCY * scatter : CLEAR * acrossError;
  const across = Math.abs(slope) * (centres.at(-1)! - centres[0]!);
  return across > least && Math.abs(slope) <= MAX_DRIFT ? slope : 0;
}

function select(values: Float64Array, indexes: readonly number[]): Float64Array {
  return Float64Array.from(indexes, (i) => values[i]!);
}

/** The element at share `q` of the sorted values; NaN for none. */
function quantile(values: Float64Array, q: number): number {
  return values.toSorted()[Math.floor(q * (values.length - 1))] ?? NaN;
}
