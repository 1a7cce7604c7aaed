// Pairs of anchors: which event of one capture is which of another, without knowing how their clocks relate.
//
// 1. Every two anchors of the same key vote for the difference of their times. The true difference gets a vote from each
//    event that both captures saw, at about the same place; wrong partners spread their votes.
// 2. With the difference known within a vote's width, each anchor's partner is the nearest one of its key, provided that
//    it is also the nearest the other way round.

import type { AnchorLog } from './anchors.js';

/** Differences counted at most, 8 bytes each. Rare keys come first: they tell most. */
const MAX_VOTES = 1 << 22;
/** Votes within this width count for the same difference. */
const WIDTH_NS = 2_000_000;
/** A difference with fewer votes is chance. */
const MIN_VOTES = 8;
/** Another difference with more than this share of the winner's votes makes the result ambiguous ... */
const RIVAL_SHARE = 0.8;
/** ... if it lies further away than this: nearer votes are of the same steps, which take their time. */
const RIVAL_DISTANCE_NS = 20_000_000;
/** Partners are looked for this far from the difference that was voted for. */
const REACH_NS = 1_000_000_000;

/** Two anchors of one event or step. */
export interface AnchorPairs {
  /** One row for each pair: the key, the time in the first capture, and the second's time minus the first's; ns. */
  readonly keys: Float64Array;
  readonly timesNs: Float64Array;
  readonly differencesNs: Float64Array;
}

/** Why no pairs could be found. */
export type NoPairs = 'nothing in common' | 'ambiguous';

/** Pairs the anchors of two captures of one run; says why not when they share too little or repeat themselves. */
export function pairAnchors(first: AnchorLog, second: AnchorLog): AnchorPairs | NoPairs {
  const a = timesByKey(first);
  const b = timesByKey(second);
  const difference = vote(a, b);
  return typeof difference === 'string' ? difference : pairNearest(a, b, difference);
}

type TimesByKey = ReadonlyMap<number, Float64Array>;

/** Times of each key, ascending. */
function timesByKey(log: AnchorLog): TimesByKey {
  const counts = new Map<number, number>();
  for (let i = 0; i < log.length; i++) counts.set(log.keys[i]!, (counts.get(log.keys[i]!) ?? 0) + 1);
  const times = new Map<number, Float64Array>();
  for (const [key, n] of counts) times.set(key, new Float64Array(n));
  const next = new Map<number, number>();
  for (let i = 0; i < log.length; i++) {
    const key = log.keys[i]!;
    const at = next.get(key) ?? 0;
    times.get(key)![at] = log.timesNs[i]!;
    next.set(key, at + 1);
  }
  for (const list of times.values()) list.sort();
  return times;
}

/** The difference of times, second minus first, that most anchors agree on. */
function vote(a: TimesByKey, b: TimesByKey): number | NoPairs {
  const shared = [...a.keys()].filter((key) => b.has(key));
  const votesOf = (key: number): number => a.get(key)!.length * b.get(key)!.length;
  shared.sort((x, y) => votesOf(x) - votesOf(y) || x - y);
  let total = 0;
  const chosen = shared.filter((key) => (total += votesOf(key)) <= MAX_VOTES);
  const votes = new Float64Array(chosen.reduce((sum, key) => sum + votesOf(key), 0));
  let n = 0;
  for (const key of chosen) {
    for (const later of b.get(key)!) for (const earlier of a.get(key)!) votes[n++] = later - earlier;
  }
  votes.sort();

  const best = densest(votes, () => true);
  if (best.count < MIN_VOTES) return 'nothing in common';
  const rival = densest(votes, (at) => Math.abs(at - best.centre) > RIVAL_DISTANCE_NS);
  return rival.count > RIVAL_SHARE * best.count ? 'ambiguous' : best.centre;
}

/** The interval of WIDTH_NS with the most votes, among those whose begin is allowed. */
function densest(votes: Float64Array, allowed: (beginNs: number) => boolean): { count: number; centre: number } {
  let count = 0;
  let centre = NaN;
  for (let begin = 0, end = 0; begin < votes.length; begin++) {
    while (end < votes.length && votes[end]! <= votes[begin]! + WIDTH_NS) end += 1;
    if (end - begin > count && allowed(votes[begin]!)) {
      count = end - begin;
      centre = votes[begin + Math.floor(count / 2)]!;
    }
  }
  return { count, centre };
}

/** Pairs what is nearest to each other, both ways, once the second's times are moved by the difference. */
function pairNearest(a: TimesByKey, b: TimesByKey, difference: number): AnchorPairs {
  const rows: [key: number, timeNs: number, differenceNs: number][] = [];
  for (const [key, firsts] of a) {
    const seconds = b.get(key);
    if (seconds === undefined) continue;
    for (const first of firsts) {
      const partner = nearest(seconds, first + difference);
      if (Math.abs(partner - first - difference) > REACH_NS) continue;
      if (nearest(firsts, partner - difference) === first) rows.push([key, first, partner - first]);
    }
  }
  rows.sort((x, y) => x[1] - y[1]);
  return {
    keys: Float64Array.from(rows, (row) => row[0]),
    timesNs: Float64Array.from(rows, (row) => row[1]),
    differencesNs: Float64Array.from(rows, (row) => row[2]),
  };
}

/** The element of an ascending, non-empty list that is nearest to `value`. */
function nearest(list: Float64Array, value: number): number {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  const after = list[low]!;
  const before = list[Math.max(low - 1, 0)]!;
  return value - before < after - value ? before : after;
}
