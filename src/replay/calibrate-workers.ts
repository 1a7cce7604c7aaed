// The backend's worker threads, where they share the main loop's core and take it by turns. A fetch wakes a worker. Either the worker takes the core at
// once: the fetch then takes longer, and the command is done at its end. Or it waits until the loop sleeps, and so do those
// that are woken after it. [QEMU-10.0 util/thread-pool.c; the host's scheduler]
//
//   fetch -> fetch                        short: the worker waited; long: it took the core
//   last fetch of a pass -> completion    of commands that are done; else of those whose workers waited
//
// A recording shows this as two modes of the time between two fetches of one pass.

import { ascending, quantileSorted } from '../metrics/stats.js';
import type { BackendBatch } from './calibrate-device.js';
import { modesOf } from './modes.js';
import { Samples } from './samples.js';
import type { Numbers, RunWorkers } from './shared.js';

export interface WorkerTimes {
  /** A fetch whose worker waits, and one whose worker takes the core, in ns. */
  readonly shortFetchNs: readonly number[];
  readonly longFetchNs: readonly number[];
  /** Whether workers took the core, in the order of the recording: at the first fetch of a pass, after one that did, and after one that didn't. */
  readonly first: readonly boolean[];
  readonly afterLong: readonly boolean[];
  readonly afterShort: readonly boolean[];
  /** Chance at the first fetch of a pass as the times to its completion have it; weighs as `USUAL.weight` observations. */
  readonly usualFirst: number;
  /** What the recording's device spent on shadow doorbells for each fetch, in ns; taken out of the times above. */
  readonly stepsNs: number;
  /** From the end of a pass to the completion of what is done then, in ns. */
  readonly doneNs: readonly number[];
  /** Batches of those whose workers waited: from the end of the pass. */
  readonly waiting: readonly BackendBatch[];
}

/** A pass over the SQ on an idle backend. */
interface Pass {
  /** Times between its fetches, in ns. */
  readonly gaps: number[];
  lastNs: number;
  /** From its last fetch to the first completion, in ns, and how many complete; or to the next pass, if that comes before, and 0. NaN if neither came. */
  doneNs: number;
  completed: number;
}

// What captures of QEMU with a thread pool and shadow doorbells off show, where one of them shows too little: chances weigh as this many observations.
const USUAL = { first: 0.6, afterLong: 0.85, afterShort: 0.25, weight: 10 };
/** A fetch without its worker, in ns, where none was seen. */
const SHORT_FETCH_NS = 5_000;

export class WorkerReader {
  private readonly passes = new Samples<Pass>();
  /** The pass that nothing followed yet. */
  private pass: Pass | undefined;

  /** A fetch: right behind another one or not; with the backend empty before it or not. */
  fetch(timeNs: number, { behind, idle }: { behind: boolean; idle: boolean }): void {
    const { pass } = this;
    if (behind && pass !== undefined) {
      pass.gaps.push(timeNs - pass.lastNs);
      pass.lastNs = timeNs;
      return;
    }
    this.completed(timeNs, 0);
    if (!idle) return;
    this.pass = { gaps: [], lastNs: timeNs, doneNs: NaN, completed: 0 };
    this.passes.push(this.pass);
  }

  /** A batch of completions, the first at `timeNs`. */
  completed(timeNs: number, completed: number): void {
    if (this.pass === undefined) return;
    this.pass.doneNs = timeNs - this.pass.lastNs;
    this.pass.completed = completed;
    this.pass = undefined;
  }

  /**
   * @param turnNs from one piece of the loop's work to the next, in ns
   * @param stepsNs see WorkerTimes
   * @returns undefined where the recording shows no such workers
   */
  result(turnNs: number, stepsNs = 0): WorkerTimes | undefined {
    const gaps = modesOf(this.passes.kept.flatMap((pass) => pass.gaps));
    const alone = this.passes.kept.filter((pass) => pass.gaps.length === 0 && pass.completed > 0).map(({ doneNs }) => doneNs);
    const ends = modesOf(alone);
    if (gaps === undefined ? ends?.apart !== true : !gaps.apart) return undefined;
    return this.describe(gaps?.longFrom ?? NaN, { turnNs, stepsNs, alone, longAlone: ends?.longFrom ?? NaN });
  }

  private describe(long: number, { turnNs, stepsNs, alone, longAlone }: { turnNs: number; stepsNs: number; alone: readonly number[]; longAlone: number }): WorkerTimes {
    const atOnce = alone.filter((ns) => !(ns >= longAlone));
    const derived = atOnce.map((ns) => Math.max(ns - turnNs, 0));
    const all = this.passes.kept.flatMap(({ gaps }) => gaps);
    const shortFetchNs = all.filter((ns) => ns < long);
    const seen = all.filter((ns) => ns >= long);
    const longFetchNs = seen.length < FEW && derived.length > 0 ? derived : seen;
    const chains = this.passes.kept.map(({ gaps }) => gaps.map((ns) => ns >= long));
    const next = (after: boolean): readonly boolean[] => chains.flatMap((chain) => chain.slice(1).filter((_, i) => chain[i] === after));
    const withoutSteps = (times: readonly number[]): readonly number[] => times.map((ns) => Math.max(ns - stepsNs, 0));
    return {
      shortFetchNs: shortFetchNs.length === 0 ? [SHORT_FETCH_NS] : withoutSteps(shortFetchNs),
      longFetchNs: longFetchNs === seen ? withoutSteps(seen) : longFetchNs,
      stepsNs,
      first: Number.isNaN(long) ? [] : chains.flatMap((chain) => chain.slice(0, 1)),
      afterLong: next(true),
      afterShort: next(false),
      usualFirst: Number.isNaN(longAlone) ? USUAL.first : atOnce.length / alone.length,
      ...this.completions({ long, longAlone, shortNs: median(shortFetchNs) || SHORT_FETCH_NS, longNs: median(longFetchNs) }),
    };
  }

  /** Passes by whether anything was done at their end: if so, it completes before the rest. */
  private completions({ long, longAlone, shortNs, longNs }: { long: number; longAlone: number; shortNs: number; longNs: number }): Pick<WorkerTimes, 'doneNs' | 'waiting'> {
    const doneNs: number[] = [];
    const waiting: BackendBatch[] = [];
    const cut: BackendBatch[] = [];
    for (const { gaps, doneNs: ns, completed } of this.passes.kept) {
      if (Number.isNaN(ns)) continue;
      const done = gaps.filter((gap) => gap >= long).length;
      const last = gaps.length === 0 ? !(ns >= longAlone) : done > 0 && completed > done;
      const batch = { inFlight: gaps.length + 1, completed: completed || gaps.length + 1, afterNs: Math.max(ns - shortNs, 0) };
      if (done > 0 || last) {
        if (completed > 0) doneNs.push(Math.max(ns - (last ? longNs : shortNs), 0));
      } else {
        (completed > 0 ? waiting : cut).push(batch);
      }
    }
    return { doneNs, waiting: [...waiting, ...completedCut(cut, waiting)] };
  }
}

/**
 * Batches that a new pass came before, which therefore took longer than what was seen of them: as long as those take, by turns, that took longer. Without them
 * the long ones would seem rare, because more comes in their way.
 */
function completedCut(cut: readonly BackendBatch[], whole: readonly BackendBatch[]): BackendBatch[] {
  const sorted = whole.toSorted((a, b) => a.afterNs - b.afterNs);
  return cut.map((batch, i) => {
    const longer = sorted.filter(({ afterNs, inFlight }) => afterNs >= batch.afterNs && alike(inFlight, batch.inFlight));
    return { ...batch, afterNs: longer[i % Math.max(longer.length, 1)]?.afterNs ?? batch.afterNs };
  });
}

function alike(a: number, b: number): boolean {
  return a <= 2 * b && b <= 2 * a;
}

/** Fewer observations than this don't stand alone. */
const FEW = 8;

/** Chances that a worker takes the core. */
export interface Chances {
  readonly first: number;
  readonly afterShort: number;
  /** After one that did, where the loop spends `stepsNs` on a policy's steps in between. */
  readonly afterLong: (stepsNs: number) => number;
}

/**
 * Shares of those that did, drawn towards what is usual where few were seen. The loop's thread and the workers share a core fairly: at each command a worker that takes it
 * gets ahead of the loop by what it takes more, and once it is too far ahead it has to wait. What the loop does more makes that rarer, and when the loop has as much to do
 * as the workers it doesn't happen.
 */
export function chancesOf({ first, afterLong, afterShort, usualFirst, longFetchNs, shortFetchNs, stepsNs: recordedNs }: RunWorkers): Chances {
  const chance = (took: readonly boolean[], usual: number): number => (took.filter(Boolean).length + usual * USUAL.weight) / (took.length + USUAL.weight);
  const again = chance(afterLong, USUAL.afterLong);
  // A long fetch is the loop's part and a worker's.
  const aheadNs = Math.max(median(longFetchNs) - 2 * median(shortFetchNs), 0);
  const recordedAheadNs = aheadNs - recordedNs;
  const waits = (stepsNs: number): number => (stepsNs <= recordedNs || recordedAheadNs <= 0 ? Number(stepsNs <= recordedNs) : Math.max(aheadNs - stepsNs, 0) / recordedAheadNs);
  return { first: chance(first, usualFirst), afterShort: chance(afterShort, USUAL.afterShort), afterLong: (stepsNs) => 1 - (1 - again) * waits(stepsNs) };
}

function median(values: Numbers): number {
  return values.length === 0 ? 0 : quantileSorted(ascending(values), 0.5);
}
