// The self-check of a prediction: the recording is replayed as it was. A model that can't repeat what happened has no business
// predicting what didn't.

import type { MmioTotal } from '../metrics/doorbells.js';
import { interval90 } from '../metrics/stats.js';
import { totalOf } from './prediction.js';
import type { RunOutcome, RunPlan } from './run-plan.js';
import type { Configuration, RunSubject } from './run.js';
import type { SteadyPart } from './steady.js';
import { type Miss, type Shadow, missBy } from './widening.js';

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

/** The recording may lie this share outside the interval of its replays before a prediction is called unreliable. */
export const SELF_CHECK_TOLERANCE = 0.15;

export interface SelfCheckOptions {
  readonly subject: RunSubject;
  readonly part: SteadyPart;
  /** Register writes on I/O queues in the whole recording. */
  readonly recorded: MmioTotal;
  readonly recordedConfiguration: Configuration;
  readonly seed: number;
  readonly repeat: number;
}

const SQ_WRITES = 'MMIO writes, SQ tail';
const CQ_WRITES = 'MMIO writes, CQ head';
const IDLE_WAKES = 'submissions to an idle device';

/** Runs of the self-check whose submissions to an idle device are counted: their events are followed once more for it. */
const IDLE_WAKE_RUNS = 5;

/**
 * Plans the replays of the recording as it was; returns what reads the check off all outcomes of the plan. The SQ writes of a recording
 * without shadow doorbells agree by construction and the CQ writes were fitted; submissions that found the device idle are neither, and show whether the parts move together.
 */
export function planSelfCheck({ subject, recorded, part, repeat, seed }: SelfCheckOptions, plan: RunPlan): (outcomes: readonly RunOutcome[]) => SelfCheck {
  const needed = Array.from({ length: repeat }, (_, i) => plan.need({ of: 'recorded', seed: seed + i, vary: false, countsIdleWakes: i < IDLE_WAKE_RUNS }));
  return (all) => {
    const outcomes = needed.map((at) => all[at]!);
    const totals = outcomes.map(({ run }) => totalOf(run, part.leftOut));
    const items = [
      checked(SQ_WRITES, recorded.sq, totals.map(({ sq }) => sq)),
      checked(CQ_WRITES, recorded.cq, totals.map(({ cq }) => cq)),
      checked(IDLE_WAKES, subject.calibration.idleWakes, outcomes.flatMap(({ idleWakes }) => idleWakes ?? [])),
    ];
    return { passed: items.every((item) => item.passed), tolerance: SELF_CHECK_TOLERANCE, items };
  };
}

/** See `missBy` in widening.ts. */
export function missOf({ items }: Pick<SelfCheck, 'items'>, shadow: Shadow): Miss {
  const item = (name: string): SelfCheckItem => items.find(({ what }) => what === name)!;
  return missBy({ sq: item(SQ_WRITES), cq: item(CQ_WRITES), idleWakes: item(IDLE_WAKES) }, shadow);
}

/** The recording is one run among others: it must lie in their interval, give or take the tolerance. */
function checked(what: string, recorded: number, replayed: readonly number[]): SelfCheckItem {
  const { median, low, high } = interval90(replayed);
  const passed = recorded >= low * (1 - SELF_CHECK_TOLERANCE) && recorded <= high * (1 + SELF_CHECK_TOLERANCE);
  return { what, recorded, replayed: Math.round(median), low: Math.round(low), high: Math.round(high), passed };
}
