// The calibrated times as a replay uses them: draws from the recorded lists, with replacement, by a seeded generator.

import { Rng } from '../base/rng.js';
import type { ServiceTimes, Work, Workers } from '../model/service.js';
import { NS_PER_US } from '../base/units.js';
import type { BackendBatch, Wake } from './calibrate-device.js';
import { ASLEEP_NS } from './calibrate-driver.js';
import { type Chances, chancesOf } from './calibrate-workers.js';
import type { Numbers, RunCalibration, RunQueue, RunWorkers } from './shared.js';

/** Recorded times to draw from, in ns: always of one kind of list, whatever was left out or scaled for a run. */
class Times {
  private readonly rng: Rng;
  private readonly values: Float64Array;
  private readonly fallback: number;

  /** @param fallback stands in when there are none (the recording never showed that step alone) */
  constructor(rng: Rng, values: Numbers, fallback: number) {
    this.rng = rng;
    this.values = values instanceof Float64Array ? values : Float64Array.from(values);
    this.fallback = fallback;
  }

  draw(): number {
    const { values } = this;
    return values.length === 0 ? this.fallback : Math.max(values[this.rng.below(values.length)]!, 0);
  }
}

/** The first of the lists that isn't empty. */
function firstOf(...lists: readonly Numbers[]): Numbers {
  return lists.find((list) => list.length > 0) ?? [];
}

// When a recording doesn't show a step, these stand in, in ns: the typical values of QEMU captures.
/** A thread that would sleep for less than this for a lock finds it free on its way, in ns. */
const SPIN_NS = 2_000;
const HANDOVER_NS = 5_000;

export const FALLBACK = { wake: 20_000, fetch: 3_000, backend: 50_000, complete: 2_000, interrupt: 5_000, handler: 20_000, think: 15_000 };

/** Device and interrupt times drawn from a calibration. */
export class SampledService implements ServiceTimes {
  readonly workers: Workers | undefined;
  private readonly rng: Rng;
  private readonly fetch: Times;
  private readonly complete: Times;
  private readonly interrupt: Times;
  private readonly handler: Times;
  private readonly busyHandler: Times;
  private readonly pendingHandler: Times;
  /** Undefined where the recording shows none: they wake up as from no sleep. */
  private readonly letInAfterSignal: Times | undefined;
  private readonly special: ReadonlyMap<number, Times>;
  private readonly kickedNs: number;
  private readonly tailNs: number;
  private readonly eachNs: number;
  /** Recorded backend batches by the power of two of the commands in flight. */
  private readonly byLoad: Groups<BackendBatch>;
  /** Recorded wake-ups by the power of two of the microseconds slept. */
  private readonly byNap: Groups<Wake>;
  /** Commands that the backend batch at hand leaves in the device. */
  private leaves = 0;

  constructor(calibration: RunCalibration, seed: number) {
    const { backend, busyHandlerNs, handlerNs, letInAfterSignalNs, pendingHandlerNs, wakes, workers } = calibration;
    const rng = new Rng(seed, 'service');
    this.rng = rng;
    this.fetch = new Times(rng, calibration.fetchNs, FALLBACK.fetch);
    this.complete = new Times(rng, calibration.completeNs, FALLBACK.complete);
    this.interrupt = new Times(rng, calibration.interruptNs, FALLBACK.interrupt);
    this.handler = new Times(rng, firstOf(handlerNs, busyHandlerNs), FALLBACK.handler);
    this.busyHandler = new Times(rng, firstOf(busyHandlerNs, handlerNs), FALLBACK.handler);
    this.pendingHandler = new Times(rng, firstOf(pendingHandlerNs, busyHandlerNs, handlerNs), FALLBACK.handler);
    this.letInAfterSignal = letInAfterSignalNs.length === 0 ? undefined : new Times(rng, letInAfterSignalNs, 0);
    this.special = new Map(calibration.special.map(({ opcode, serviceNs }) => [opcode, new Times(rng, serviceNs, FALLBACK.backend)]));
    this.kickedNs = calibration.kickNs;
    this.tailNs = calibration.handlerTailNs;
    this.eachNs = calibration.perCompletionNs;
    this.workers = workers === undefined ? undefined : new SampledWorkers(workers, seed);
    this.byLoad = grouped(workers?.waiting ?? backend, ({ inFlight }) => inFlight);
    this.byNap = grouped(wakes, ({ asleepNs }) => asleepNs / NS_PER_US);
  }

  wakeNs(asleepNs: number): number {
    const group = this.byNap[groupOf(asleepNs / NS_PER_US)]!;
    return group.length === 0 ? FALLBACK.wake : Math.max(group[this.rng.below(group.length)]!.afterNs, 0);
  }

  lockWakeNs(asleepNs: number, signalled: boolean): number {
    if (asleepNs < SPIN_NS) return HANDOVER_NS;
    return signalled && this.letInAfterSignal !== undefined ? this.letInAfterSignal.draw() : this.wakeNs(0);
  }

  kickNs(asleepNs: number): number {
    return asleepNs >= ASLEEP_NS ? this.kickedNs : 0;
  }

  fetchNs(): number {
    return this.fetch.draw();
  }

  backendNs(inFlight: number): number {
    const group = this.byLoad[groupOf(inFlight)]!;
    if (group.length === 0) return FALLBACK.backend;
    const batch = group[this.rng.below(group.length)]!;
    this.leaves = batch.inFlight - batch.completed;
    return Math.max(batch.afterNs, 0);
  }

  backendBatch(inFlight: number): number {
    return Math.max(inFlight - this.leaves, 1);
  }

  completeNs(): number {
    return this.complete.draw();
  }

  interruptNs(): number {
    return this.interrupt.draw();
  }

  handlerNs(): number {
    return this.handler.draw();
  }

  busyHandlerNs(): number {
    return this.busyHandler.draw();
  }

  pendingHandlerNs(): number {
    return this.pendingHandler.draw();
  }

  handlerTailNs(): number {
    return this.tailNs;
  }

  specialNs(opcode: number): number {
    return this.special.get(opcode)?.draw() ?? FALLBACK.backend;
  }

  perCompletionNs(): number {
    return this.eachNs;
  }
}

/** Worker threads drawn from a calibration. */
class SampledWorkers implements Workers {
  tookCore = false;
  private readonly chances: Chances;
  private readonly rng: Rng;
  private readonly longFetch: Times;
  private readonly shortFetch: Times;
  private readonly done: Times;

  constructor(times: RunWorkers, seed: number) {
    this.chances = chancesOf(times);
    this.rng = new Rng(seed, 'workers');
    this.longFetch = new Times(this.rng, times.longFetchNs, FALLBACK.fetch);
    this.shortFetch = new Times(this.rng, times.shortFetchNs, FALLBACK.fetch);
    this.done = new Times(this.rng, times.doneNs, FALLBACK.interrupt);
  }

  fetchNs(first: boolean, stepsNs: number): number {
    const { chances } = this;
    const chance = first ? chances.first : this.tookCore ? chances.afterLong(stepsNs) : chances.afterShort;
    this.tookCore = this.rng.unit() < chance;
    return (this.tookCore ? this.longFetch : this.shortFetch).draw();
  }

  doneNs(): number {
    return this.done.draw();
  }
}

/** Items by the power of two of some size; where there are none, those of the nearest one that has any. */
type Groups<T> = readonly (readonly T[])[];

const GROUPS = 24;

function groupOf(size: number): number {
  return Math.min(Math.floor(Math.log2(Math.max(size, 1))), GROUPS - 1);
}

function grouped<T>(items: readonly T[], sizeOf: (item: T) => number): Groups<T> {
  const groups: T[][] = Array.from({ length: GROUPS }, () => []);
  for (const item of items) groups[groupOf(sizeOf(item))]!.push(item);
  return groups.map((_, own) => nearest(groups, own));
}

/** That group, or the nearest that isn't empty. */
function nearest<T>(groups: Groups<T>, own: number): readonly T[] {
  for (let away = 0; away < GROUPS; away++) {
    const found = [groups[own - away], groups[own + away]].find((group) => group !== undefined && group.length > 0);
    if (found !== undefined) return found;
  }
  return [];
}

/** One queue's submissions drawn from a calibration: the recorded batches in order where all are known. */
export class SampledWork implements Work {
  readonly window: number;
  readonly startNs: number;
  opcode = -1;
  private readonly rng: Rng;
  private readonly batches: Numbers;
  private readonly batchOpcodes: Numbers;
  private readonly batchesComplete: boolean;
  private readonly afterSubmit: Times;
  private readonly afterReap: Times;
  private readonly waitedFor: readonly number[];
  private next = 0;
  private left: number;

  /** @param waitedFor see DriverTimes */
  constructor({ place, batches, batchOpcodes, batchesComplete, commands, startNs, thinkAfterReapNs, thinkAfterSubmitNs, window }: RunQueue, waitedFor: readonly number[], seed: number) {
    this.window = window;
    this.startNs = startNs;
    this.rng = new Rng(seed, `work ${place}`);
    this.batches = batches;
    this.batchOpcodes = batchOpcodes;
    this.batchesComplete = batchesComplete;
    this.afterSubmit = new Times(this.rng, firstOf(thinkAfterSubmitNs, thinkAfterReapNs), FALLBACK.think);
    this.afterReap = new Times(this.rng, firstOf(thinkAfterReapNs, thinkAfterSubmitNs), FALLBACK.think);
    this.waitedFor = waitedFor;
    this.left = commands;
  }

  nextBatch(): number {
    const { batches, batchOpcodes, batchesComplete } = this;
    const at = batchesComplete ? this.next++ : this.rng.below(Math.max(batches.length, 1));
    const size = batches[at] ?? (batchesComplete ? 0 : 1);
    this.opcode = batchOpcodes[at] ?? -1;
    if (batchesComplete) return size;
    const drawn = Math.min(size, this.left);
    this.left -= drawn;
    return drawn;
  }

  get waits(): boolean {
    return this.waitedFor.includes(this.opcode);
  }

  thinkAfterSubmitNs(): number {
    return this.afterSubmit.draw();
  }

  thinkAfterReapNs(): number {
    return this.afterReap.draw();
  }
}
