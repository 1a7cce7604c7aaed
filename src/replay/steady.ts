// Which part of a recording is replayed: the controller's life with the most I/O, without the lonely
// stretches at its begin and end (partition scans, clean-up). What is left out keeps its register writes:
// they count on both sides of a comparison, unchanged.

import { ACTION, type ActionLog } from './action-log.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import type { InFlight } from './in-flight.js';

/** Silence that separates a stretch from the rest, in ns. */
const SILENCE_NS = 100_000_000;
/** A stretch at either end is left out when it holds less than this share of the actions. */
const LONELY_SHARE = 0.02;

/** The replayed rows of an action log, and what was left out. */
export interface SteadyPart {
  /** First row, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Places of the replayed queues in the log. */
  readonly queues: readonly number[];
  /** Register writes on I/O queues outside the part. */
  readonly leftOut: { readonly commands: number; readonly mmio: { readonly sq: number; readonly cq: number } };
  /**
   * What was under way at its begin and at its end, where the log is cut out of a recording. What is under way at the begin isn't replayed, what
   * is at the end is replayed to its end. Undefined for a whole recording: nothing was.
   */
  readonly edges?: { readonly start: InFlight; readonly end: InFlight };
}

/** When the part begins and ends. Both NaN where it is empty. */
export function steadyWindow(log: ActionLog, { from, to }: Pick<SteadyPart, 'from' | 'to'>): TimeWindow {
  return { fromNs: log.timeNs[from] ?? NaN, toNs: to === 0 ? NaN : log.timeNs[to - 1]! };
}

/** Finds the steady part. Without any I/O it is empty. */
export function findSteadyPart(log: ActionLog): SteadyPart {
  const queues = busiestEpoch(log);
  const chosen = new Set(queues);
  let from = 0;
  while (from < log.length && !chosen.has(log.queue[from]!)) from++;
  let to = log.length;
  while (to > from && !chosen.has(log.queue[to - 1]!)) to--;
  [from, to] = cropSilence(log, from, to);
  const part = { from, to, queues, leftOut: countOutside(log, from, to, chosen) };
  return log.cut === undefined ? part : { ...part, edges: { start: followed(log, log.before, 0, from), end: followed(log, log.before, 0, to) } };
}

/** What is under way after the rows, of what was before them. */
function followed(log: ActionLog, before: InFlight, from: number, to: number): InFlight {
  const inFlight = before.copy();
  for (let row = from; row < to; row++) inFlight.take(log.action[row]!, log.queue[row]!, log.count[row]!, log.opcode[row]!);
  return inFlight;
}

/** The queues of the controller's life in which most commands were fetched or announced. */
function busiestEpoch(log: ActionLog): readonly number[] {
  const work = new Map<string, number>();
  const epochOf = (place: number): string => {
    const sq = log.queues[place]!;
    return `${sq.controller}/${sq.epoch}`;
  };
  for (let row = 0; row < log.length; row++) {
    const epoch = epochOf(log.queue[row]!);
    work.set(epoch, (work.get(epoch) ?? 0) + 1);
  }
  const busiest = [...work].sort(([, a], [, b]) => b - a)[0]?.[0];
  return log.queues.map((_, place) => place).filter((place) => epochOf(place) === busiest);
}

function cropSilence(log: ActionLog, from: number, to: number): [number, number] {
  const lonely = (to - from) * LONELY_SHARE;
  let start = from;
  for (let row = from + 1; row < to && row - from <= lonely; row++) {
    if (log.timeNs[row]! - log.timeNs[row - 1]! > SILENCE_NS) start = row;
  }
  let end = to;
  for (let row = to - 1; row > start && to - row <= lonely; row--) {
    if (log.timeNs[row]! - log.timeNs[row - 1]! > SILENCE_NS) end = row;
  }
  return [start, end];
}

function countOutside(log: ActionLog, from: number, to: number, chosen: ReadonlySet<number>): SteadyPart['leftOut'] {
  let commands = 0;
  const mmio = { sq: 0, cq: 0 };
  for (let row = 0; row < log.length; row++) {
    if (row >= from && row < to && chosen.has(log.queue[row]!)) continue;
    if (log.action[row] === ACTION.fetch) commands += 1;
    if (log.mmio[row] !== 1) continue;
    if (log.action[row] === ACTION.announce) mmio.sq += 1;
    else mmio.cq += 1;
  }
  return { commands, mmio };
}
