// A prediction: several runs of one configuration, put together. Its counts and times are those of one run, the median one, so that
// they belong to one another; its intervals come from all runs.

import { NS_PER_S } from '../base/units.js';
import { type MmioTotal, type SideCounts, mmioTotal } from '../metrics/doorbells.js';
import { type Interval, interval90 } from '../metrics/stats.js';
import type { Hazard } from '../model/hazards.js';
import type { Stall } from '../model/machine.js';
import type { RunResult } from './measured.js';
import type { LatencySummary, Occupancy, StageLatencies } from './run-meter.js';
import type { SteadyPart } from './steady.js';
import { NO_MISS, widened, widenedTotal } from './widening.js';

/** One queue pair in the median run; what wasn't replayed of a recording is left out here. */
export interface QueuePrediction {
  readonly qid: number;
  readonly commands: number;
  readonly mmio: SideCounts;
  /** Announcements that needed no register write. */
  readonly suppressed: SideCounts;
  /** Shadow doorbell values that the device read, and EventIdx values that it wrote. */
  readonly shadow: SideCounts;
  readonly eventidx: SideCounts;
  readonly interrupts: number;
  /** vCPU time in register writes, waiting for the device's lock included, in ns. */
  readonly vcpuExitNs: number;
  readonly stages: StageLatencies;
  readonly occupancy: Occupancy;
}

export interface Prediction {
  readonly commands: number;
  readonly mmio: MmioTotal;
  /** Fraction of the baseline's register writes that are saved; the interval is that of `mmioInterval.total`. */
  readonly saved: { readonly fraction: number; readonly low: number; readonly high: number };
  /**
   * Register writes: the interval that holds 90 % of the runs and 90 % of those in which what isn't known was drawn anew, widened (see widening.ts), for each side and for
   * the total on its own.
   */
  readonly mmioInterval: { readonly sq: Interval; readonly cq: Interval; readonly total: Interval };
  /** From a command's set-up to its consumption, in ns. */
  readonly latency: LatencySummary;
  /** The same by stage, over all queues. */
  readonly stages: StageLatencies;
  readonly iops: number;
  /** Commands per second of the runs: the interval that holds 90 % of them, and the median run. */
  readonly iopsInterval: Interval;
  /** Simulated time of the median run, in ns. */
  readonly durationNs: number;
  /** Of all runs: each queue's first of each kind and way out, with the number of runs that had one. */
  readonly stalls: readonly (Stall & { readonly runs: number })[];
  /** Runs that were cut off because the model never came to rest. */
  readonly runaways: number;
  /** vCPU time in doorbell updates and register writes; in register writes alone. Over all vCPUs, in ns. */
  readonly vcpuDoorbellNs: number;
  readonly vcpuExitNs: number;
  readonly deviceBusyNs: number;
  /** Time that threads of the device polled in vain, over all of them, in ns. */
  readonly devicePollingNs: number;
  /** What no machine should do, and this one did in the median run. */
  readonly hazards: readonly Hazard[];
  readonly interrupts: number;
  readonly queues: readonly QueuePrediction[];
  /** The seed of the median run: its numbers are those above. */
  readonly medianSeed: number;
}

/** Runs with what isn't known at its most likely, those in which it is drawn anew, and all of them. */
export interface Runs {
  readonly likely: readonly RunResult[];
  readonly varied: readonly RunResult[];
  readonly all: readonly RunResult[];
}

/** What is counted on top of every run: the part of a recording that isn't replayed. */
export type LeftOut = SteadyPart['leftOut'];

export const NOTHING_LEFT_OUT: LeftOut = { commands: 0, mmio: { sq: 0, cq: 0 } };

/**
 * Puts runs together.
 * @param again runs the median run once more, measured
 * @param miss see `missBy` in widening.ts
 */
export function predictionOf({ likely, varied, all }: Runs, baseline: MmioTotal, leftOut: LeftOut, again: (seed: number) => RunResult, miss = NO_MISS): Prediction {
  const run = again(medianRun(likely).seed);
  const measures = run.measures!;
  const mmio = totalOf(run, leftOut);
  const intervalOf = (of: (total: MmioTotal) => number): Interval => {
    const counts = (runs: readonly RunResult[]): readonly number[] => runs.map((each) => of(totalOf(each, leftOut)));
    return hull(interval90(counts(all)), interval90(counts(varied)));
  };
  const commands = run.commands + leftOut.commands;
  const sides = { sq: intervalOf(({ sq }) => sq), cq: intervalOf(({ cq }) => cq) };
  const widenedSides = { sq: widened(sides.sq, miss.sq, commands), cq: widened(sides.cq, miss.cq, commands) };
  const mmioInterval = { ...widenedSides, total: widenedTotal(including(mmio.total, intervalOf(({ total }) => total)), sides, widenedSides) };
  const iops = iopsOf(run);
  const queues = queuesOf(run);
  return {
    commands,
    mmio,
    saved: {
      fraction: saved(mmio.total, baseline.total),
      low: saved(mmioInterval.total.high, baseline.total),
      high: saved(mmioInterval.total.low, baseline.total),
    },
    mmioInterval,
    latency: measures.stages.total,
    stages: measures.stages,
    iops,
    iopsInterval: including(iops, interval90(all.map(iopsOf))),
    durationNs: run.durationNs,
    stalls: stallsOf(all),
    runaways: all.filter(({ runaway }) => runaway).length,
    vcpuDoorbellNs: run.vcpuDoorbellNs,
    vcpuExitNs: queues.reduce((sum, { vcpuExitNs }) => sum + vcpuExitNs, 0),
    deviceBusyNs: run.deviceBusyNs,
    devicePollingNs: run.devicePollingNs,
    hazards: run.hazards,
    interrupts: queues.reduce((sum, { interrupts }) => sum + interrupts, 0),
    queues,
    medianSeed: run.seed,
  };
}

/** The run in the middle by register writes: its counts belong to one another, which medians per count would not. */
export function medianRun(runs: readonly RunResult[]): RunResult {
  const ordered = runs.toSorted((a, b) => a.doorbells.mmio.total - b.doorbells.mmio.total || a.seed - b.seed);
  return ordered[Math.floor((ordered.length - 1) / 2)]!;
}

/** A run's register writes together with those of the part that wasn't replayed. */
export function totalOf({ doorbells }: RunResult, { mmio }: LeftOut): MmioTotal {
  return mmioTotal({ sq: doorbells.mmio.sq + mmio.sq, cq: doorbells.mmio.cq + mmio.cq });
}

/** The share of the baseline's register writes that is saved; 0 when there were none. */
export function saved(total: number, baseline: number): number {
  return baseline === 0 ? 0 : 1 - total / baseline;
}

function queuesOf({ doorbells, queues: tallies, measures }: RunResult): readonly QueuePrediction[] {
  const counted = new Map(doorbells.controllers.flatMap(({ queues }) => queues).map((queue) => [queue.qid, queue]));
  const tallied = new Map(tallies.map((tally) => [tally.qid, tally]));
  return measures!.queues.map(({ qid, stages, occupancy }) => {
    const { commands, mmio, shadow, eventidx, interrupts } = counted.get(qid)!;
    const { suppressed, exitNs } = tallied.get(qid)!;
    return { qid, commands, mmio, suppressed, shadow, eventidx, interrupts, vcpuExitNs: exitNs, stages, occupancy };
  });
}

function iopsOf({ commands, durationNs }: RunResult): number {
  return durationNs === 0 ? 0 : commands / (durationNs / NS_PER_S);
}

/** The earliest stall of each kind on each queue, over the runs; those that the driver ended apart from those that nobody did. */
function stallsOf(runs: readonly RunResult[]): Prediction['stalls'] {
  const found = new Map<string, { first: Stall; readonly seeds: Set<number> }>();
  for (const { seed, stalls } of runs) {
    for (const stall of stalls) {
      const key = `${stall.qid} ${stall.what} ${stall.recovered ?? ''}`;
      const same = found.get(key) ?? { first: stall, seeds: new Set() };
      if (stall.atNs < same.first.atNs) same.first = stall;
      same.seeds.add(seed);
      found.set(key, same);
    }
  }
  return [...found.values()].map(({ first, seeds }) => ({ ...first, runs: seeds.size })).toSorted((a, b) => a.qid - b.qid || a.atNs - b.atNs);
}

/** Of two runs the lower is the median run, and lies below the quantiles between them. */
function including(value: number, { median, low, high }: Interval): Interval {
  return { median, low: Math.min(low, value), high: Math.max(high, value) };
}

/** From the lower of the low ends to the higher of the high ones; an interval of no runs has none. */
function hull(a: Interval, b: Interval): Interval {
  if (Number.isNaN(b.median)) return a;
  return { median: a.median, low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
}
