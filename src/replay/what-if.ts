// A what-if: replays of one recording over several seeds, compared with a baseline, with an interval and a
// self-check. The self-check replays the recording as it was: a model that can't repeat what happened
// has no business predicting what didn't.

import { NS_PER_S } from '../base/units.js';
import type { MmioTotal } from '../metrics/doorbells.js';
import { type Interval, interval90 } from '../metrics/stats.js';
import type { Stall } from '../model/machine.js';
import type { Configuration, RunResult, Subject } from './run.js';
import { runOnce } from './run.js';
import type { SteadyPart } from './steady.js';

export interface WhatIfOptions {
  readonly subject: Subject;
  readonly part: SteadyPart;
  /** Register writes on I/O queues in the whole recording. */
  readonly recorded: MmioTotal;
  /** What the recording was made under, as far as the model knows it. */
  readonly recordedConfiguration: Configuration;
  readonly configuration: Configuration;
  /** First seed; run i uses seed + i. */
  readonly seed: number;
  /** Number of runs, 1 or more. */
  readonly repeat: number;
}

export interface Prediction {
  readonly commands: number;
  readonly mmio: MmioTotal;
  /** Fraction of the baseline's register writes that are saved; the interval holds 90 % of the runs. */
  readonly saved: { readonly fraction: number; readonly low: number; readonly high: number };
  /** Register writes: the interval that holds 90 % of the runs, for each side and for the total on its own. */
  readonly mmioInterval: { readonly sq: Interval; readonly cq: Interval; readonly total: Interval };
  /** In ns, over the commands of the median run. */
  readonly latency: { readonly p50Ns: number; readonly p99Ns: number };
  readonly iops: number;
  /** Simulated time of the median run, in ns. */
  readonly durationNs: number;
  readonly stalls: readonly Stall[];
  /** Runs that were cut off because the model never came to rest. */
  readonly runaways: number;
  readonly vcpuDoorbellNs: number;
  readonly deviceBusyNs: number;
  /** The seed of the median run: its numbers are those above. */
  readonly medianSeed: number;
}

export interface SelfCheck {
  /** Whether both sides passed. */
  readonly passed: boolean;
  readonly sides: { readonly sq: boolean; readonly cq: boolean };
  /** Largest relative difference allowed, per side. */
  readonly tolerance: number;
  readonly recorded: MmioTotal;
  readonly replayed: MmioTotal;
}

export interface WhatIfResult {
  readonly baseline: { readonly mmio: MmioTotal; readonly source: 'recorded' | 'replayed with shadow doorbells off' };
  readonly predicted: Prediction;
  /** Saved fraction by predictors that need no model, for comparison; empty unless the recording has shadow doorbells off. */
  readonly baselines: Readonly<Record<string, number>>;
  readonly selfCheck: SelfCheck;
}

/** Per side, replay and recording may differ by this share before the prediction is called unreliable. */
export const SELF_CHECK_TOLERANCE = 0.15;

/** Answers a what-if. Deterministic: same options, same result. */
export function whatIf(options: WhatIfOptions): WhatIfResult {
  const { configuration, recorded, recordedConfiguration, part } = options;
  const { shadow } = recordedConfiguration;
  const replayOff = (): MmioTotal => totalOf(medianRun(runAll(options, { ...recordedConfiguration, shadow: false })), part);
  const baseline = shadow
    ? { mmio: replayOff(), source: 'replayed with shadow doorbells off' as const }
    : { mmio: recorded, source: 'recorded' as const };
  return {
    baseline,
    predicted: predict(runAll(options, configuration), baseline.mmio, part),
    baselines: shadow ? {} : simplePredictors(options),
    selfCheck: selfCheck(options),
  };
}

function runAll({ subject, seed, repeat }: WhatIfOptions, configuration: Configuration): readonly RunResult[] {
  return Array.from({ length: repeat }, (_, i) => runOnce(subject, configuration, seed + i));
}

/** The run in the middle by register writes: its counts belong to one another, which medians per count would not. */
function medianRun(runs: readonly RunResult[]): RunResult {
  const ordered = runs.toSorted((a, b) => a.doorbells.mmio.total - b.doorbells.mmio.total || a.seed - b.seed);
  return ordered[Math.floor((ordered.length - 1) / 2)]!;
}

/** A run's register writes together with those of the part that wasn't replayed. */
function totalOf(run: RunResult, { leftOut }: SteadyPart): MmioTotal {
  const sq = run.doorbells.mmio.sq + leftOut.mmio.sq;
  const cq = run.doorbells.mmio.cq + leftOut.mmio.cq;
  return { sq, cq, total: sq + cq };
}

function predict(runs: readonly RunResult[], baseline: MmioTotal, part: SteadyPart): Prediction {
  const run = medianRun(runs);
  const mmio = totalOf(run, part);
  const all = runs.map((r) => totalOf(r, part));
  const mmioInterval = {
    sq: interval90(all.map((writes) => writes.sq)),
    cq: interval90(all.map((writes) => writes.cq)),
    total: interval90(all.map((writes) => writes.total)),
  };
  return {
    commands: run.commands + part.leftOut.commands,
    mmio,
    saved: {
      fraction: saved(mmio.total, baseline.total),
      low: saved(mmioInterval.total.high, baseline.total),
      high: saved(mmioInterval.total.low, baseline.total),
    },
    mmioInterval,
    latency: { p50Ns: run.latency.quantile(0.5), p99Ns: run.latency.quantile(0.99) },
    iops: run.commands / (run.durationNs / NS_PER_S),
    durationNs: run.durationNs,
    stalls: run.stalls,
    runaways: runs.filter((r) => r.runaway).length,
    vcpuDoorbellNs: run.vcpuDoorbellNs,
    deviceBusyNs: run.deviceBusyNs,
    medianSeed: run.seed,
  };
}

function saved(total: number, baseline: number): number {
  return baseline === 0 ? 0 : 1 - total / baseline;
}

/**
 * Predictors that need one pass over a recording with shadow doorbells off. An announcement that finds the device
 * idle must ring under every exact policy; a pass over the CQ rings at most once.
 */
function simplePredictors({ subject, recorded, part }: WhatIfOptions): Readonly<Record<string, number>> {
  const { idleWakes, mmio } = subject.calibration;
  const leftOut = part.leftOut.mmio.sq + part.leftOut.mmio.cq;
  const fraction = (rings: number): number => saved(rings + leftOut, recorded.total);
  return {
    'twice the idle wakes': fraction(2 * idleWakes),
    'idle wakes and CQ passes': fraction(idleWakes + mmio.cq),
    'twice the CQ passes': fraction(2 * mmio.cq),
  };
}

function selfCheck(options: WhatIfOptions): SelfCheck {
  const { recorded, recordedConfiguration, part } = options;
  const replayed = totalOf(medianRun(runAll(options, recordedConfiguration)), part);
  const within = (a: number, b: number): boolean => Math.abs(a - b) <= SELF_CHECK_TOLERANCE * Math.max(b, 1);
  const sides = { sq: within(replayed.sq, recorded.sq), cq: within(replayed.cq, recorded.cq) };
  return {
    passed: sides.sq && sides.cq,
    sides,
    tolerance: SELF_CHECK_TOLERANCE,
    recorded,
    replayed,
  };
}
