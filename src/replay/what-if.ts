// A what-if: replays of one recording over several seeds, compared with a baseline, with an interval and a
// self-check. The self-check replays the recording as it was: a model that can't repeat what happened
// has no business predicting what didn't.

import { NS_PER_S } from '../base/units.js';
import { History } from '../history/history.js';
import type { MmioTotal } from '../metrics/doorbells.js';
import { type Interval, interval90 } from '../metrics/stats.js';
import type { Stall } from '../model/machine.js';
import type { BatchConsumer } from '../trace/batch.js';
import { ActionLog } from './action-log.js';
import { calibrate } from './calibrate.js';
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
  /** Time that the device spent polling for nothing in the median run, as on a core of its own. */
  readonly devicePollNs: number;
  /** The seed of the median run: its numbers are those above. */
  readonly medianSeed: number;
}

/** A number that a replay of the recording as it was should give back. */
export interface SelfCheckItem {
  readonly what: string;
  readonly recorded: number;
  /** Median of the runs, and the interval that holds 90 % of them. */
  readonly replayed: number;
  readonly low: number;
  readonly high: number;
  readonly passed: boolean;
}

export interface SelfCheck {
  /** Whether every item passed. */
  readonly passed: boolean;
  /** How far outside the interval of the runs the recording may lie, as a share of its ends. */
  readonly tolerance: number;
  readonly items: readonly SelfCheckItem[];
}

export interface WhatIfResult {
  readonly baseline: { readonly mmio: MmioTotal; readonly source: 'recorded' | 'replayed with shadow doorbells off' };
  readonly predicted: Prediction;
  /** Saved fraction by predictors that need no model, for comparison; empty unless the recording has shadow doorbells off. */
  readonly baselines: Readonly<Record<string, number>>;
  readonly selfCheck: SelfCheck;
}

/** The recording may lie this share outside the interval of its replays before a prediction is called unreliable. */
export const SELF_CHECK_TOLERANCE = 0.15;

/** Answers a what-if. Deterministic: same options, same result. */
export function whatIf(options: WhatIfOptions): WhatIfResult {
  const { configuration, recorded, recordedConfiguration, part } = options;
  const { shadow } = recordedConfiguration;
  const replayOff = (): MmioTotal => totalOf(medianRun(runAll(options, { ...recordedConfiguration, shadow: false }).likely), part);
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

/** Runs with what isn't known at its most likely, and runs in which it is drawn anew, by turns. */
interface Runs {
  readonly likely: readonly RunResult[];
  readonly all: readonly RunResult[];
}

function runAll({ subject, seed, repeat }: WhatIfOptions, configuration: Configuration): Runs {
  const all = Array.from({ length: repeat }, (_, i) => runOnce(subject, configuration, seed + i, undefined, { vary: i % 2 === 1 }));
  return { likely: all.filter((_, i) => i % 2 === 0), all };
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

function predict({ likely, all: runs }: Runs, baseline: MmioTotal, part: SteadyPart): Prediction {
  const run = medianRun(likely);
  const mmio = totalOf(run, part);
  const all = runs.map((r) => totalOf(r, part));
  const mmioInterval = {
    sq: interval90(all.map((writes) => writes.sq)),
    cq: interval90(all.map((writes) => writes.cq)),
    total: including(mmio.total, interval90(all.map((writes) => writes.total))),
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
    devicePollNs: run.devicePollNs,
    medianSeed: run.seed,
  };
}

/** Of two runs the lower is the median run, and lies below the quantiles between them. */
function including(value: number, { median, low, high }: Interval): Interval {
  return { median, low: Math.min(low, value), high: Math.max(high, value) };
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

/** Runs of the self-check whose submissions to an idle device are counted: their events are followed once more for it. */
const IDLE_WAKE_RUNS = 5;

/**
 * Replays the recording as it was. The SQ writes of a recording without shadow doorbells agree by construction and the
 * CQ writes were fitted; submissions that found the device idle are neither, and show whether the parts move together.
 */
function selfCheck(options: WhatIfOptions): SelfCheck {
  const { subject, recorded, recordedConfiguration, part, repeat, seed } = options;
  const idleWakes: number[] = [];
  const totals = Array.from({ length: repeat }, (_, i) => {
    const counter = i < IDLE_WAKE_RUNS ? new IdleWakeCounter() : undefined;
    const run = runOnce(subject, recordedConfiguration, seed + i, counter?.consume);
    if (counter !== undefined) idleWakes.push(counter.result());
    return totalOf(run, part);
  });
  const items = [
    checked('MMIO writes, SQ tail', recorded.sq, totals.map(({ sq }) => sq)),
    checked('MMIO writes, CQ head', recorded.cq, totals.map(({ cq }) => cq)),
    checked('submissions to an idle device', subject.calibration.idleWakes, idleWakes),
  ];
  return { passed: items.every((item) => item.passed), tolerance: SELF_CHECK_TOLERANCE, items };
}

/** The recording is one run among others: it must lie in their interval, give or take the tolerance. */
function checked(what: string, recorded: number, replayed: readonly number[]): SelfCheckItem {
  const { median, low, high } = interval90(replayed);
  const passed = recorded >= low * (1 - SELF_CHECK_TOLERANCE) && recorded <= high * (1 + SELF_CHECK_TOLERANCE);
  return { what, recorded, replayed: Math.round(median), low: Math.round(low), high: Math.round(high), passed };
}

/** Counts a run's submissions to an idle device in the same way as those of a recording. */
class IdleWakeCounter {
  private readonly log = new ActionLog();
  private readonly history = new History([this.log]);

  readonly consume: BatchConsumer = (batch) => this.history.push(batch);

  /** Call once, after the run. */
  result(): number {
    const { history, log } = this;
    history.end();
    return calibrate(log, { from: 0, to: log.length, queues: log.queues.map((_, place) => place) }, { writeNs: 0, dispatchNs: 0 }).idleWakes;
  }
}
