// The calibrated times as a replay uses them: draws from the recorded lists, with replacement, by a seeded generator.

import { Rng } from '../base/rng.js';
import type { ServiceTimes, Work, Workers } from '../model/service.js';
import { NS_PER_US } from '../base/units.js';
import type { Calibration } from './calibrate.js';
import type { BackendBatch, Wake } from './calibrate-device.js';
import { ASLEEP_NS } from './calibrate-driver.js';
import { type WorkerTimes, chancesOf } from './calibrate-workers.js';
import type { QueueCalibration } from './driver-times.js';

/** Draws one of the values; `fallback` when there are none (the recording never showed that step alone). */
function draw(rng: Rng, values: readonly number[], fallback: number): number {
  return values.length === 0 ? fallback : Math.max(values[rng.below(values.length)]!, 0);
}

// When a recording doesn't show a step, these stand in, in ns: the typical values of QEMU captures.
/** A thread that would sleep for less than this for a lock finds it free on its way, in ns. */
const SPIN_NS = 2_000;
const HANDOVER_NS = 5_000;

export const FALLBACK = { wake: 20_000, fetch: 3_000, backend: 50_000, complete: 2_000, interrupt: 5_000, handler: 20_000, think: 15_000 };

/** Device and interrupt times drawn from a calibration. */
export class SampledService implements ServiceTimes {
  readonly workers: Workers | undefined;
  private readonly calibration: Calibration;
  private readonly rng: Rng;
  /** Recorded backend batches by the power of two of the commands in flight. */
  private readonly byLoad: Groups<BackendBatch>;
  /** Recorded wake-ups by the power of two of the microseconds slept. */
  private readonly byNap: Groups<Wake>;
  /** Commands that the backend batch at hand leaves in the device. */
  private leaves = 0;

  constructor(calibration: Calibration, seed: number) {
    this.calibration = calibration;
    this.rng = new Rng(seed, 'service');
    const { workers } = calibration;
    this.workers = workers === undefined ? undefined : new SampledWorkers(workers, seed);
    this.byLoad = grouped(workers?.waiting ?? calibration.backend, ({ inFlight }) => inFlight);
    this.byNap = grouped(calibration.wakes, ({ asleepNs }) => asleepNs / NS_PER_US);
  }

  wakeNs(asleepNs: number): number {
    const group = nearest(this.byNap, asleepNs / NS_PER_US);
    return group.length === 0 ? FALLBACK.wake : Math.max(group[this.rng.below(group.length)]!.afterNs, 0);
  }

  lockWakeNs(asleepNs: number, signalled: boolean): number {
    if (asleepNs < SPIN_NS) return HANDOVER_NS;
    const { letInAfterSignalNs } = this.calibration;
    return signalled && letInAfterSignalNs.length > 0 ? draw(this.rng, letInAfterSignalNs, 0) : this.wakeNs(0);
  }

  kickNs(asleepNs: number): number {
    return asleepNs >= ASLEEP_NS ? this.calibration.kickNs : 0;
  }

  fetchNs(): number {
    return draw(this.rng, this.calibration.fetchNs, FALLBACK.fetch);
  }

  backendNs(inFlight: number): number {
    const group = nearest(this.byLoad, inFlight);
    if (group.length === 0) return FALLBACK.backend;
    const batch = group[this.rng.below(group.length)]!;
    this.leaves = batch.inFlight - batch.completed;
    return Math.max(batch.afterNs, 0);
  }

  backendBatch(inFlight: number): number {
    return Math.max(inFlight - this.leaves, 1);
  }

  completeNs(): number {
    return draw(this.rng, this.calibration.completeNs, FALLBACK.complete);
  }

  interruptNs(): number {
    return draw(this.rng, this.calibration.interruptNs, FALLBACK.interrupt);
  }

  handlerNs(): number {
    const { busyHandlerNs, handlerNs } = this.calibration;
    return draw(this.rng, handlerNs.length > 0 ? handlerNs : busyHandlerNs, FALLBACK.handler);
  }

  busyHandlerNs(): number {
    const { busyHandlerNs, handlerNs } = this.calibration;
    return draw(this.rng, busyHandlerNs.length > 0 ? busyHandlerNs : handlerNs, FALLBACK.handler);
  }

  pendingHandlerNs(): number {
    const { pendingHandlerNs } = this.calibration;
    return pendingHandlerNs.length > 0 ? draw(this.rng, pendingHandlerNs, 0) : this.busyHandlerNs();
  }

  handlerTailNs(): number {
    return this.calibration.handlerTailNs;
  }

  specialNs(opcode: number): number {
    return draw(this.rng, this.calibration.special.find((special) => special.opcode === opcode)?.serviceNs ?? [], FALLBACK.backend);
  }

  perCompletionNs(): number {
    return this.calibration.perCompletionNs;
  }
}

/** Worker threads drawn from a calibration. */
class SampledWorkers implements Workers {
  tookCore = false;
  private readonly times: WorkerTimes;
  private readonly chances: ReturnType<typeof chancesOf>;
  private readonly rng: Rng;

  constructor(times: WorkerTimes, seed: number) {
    this.times = times;
    this.chances = chancesOf(times);
    this.rng = new Rng(seed, 'workers');
  }

  fetchNs(first: boolean): number {
    const { chances, times, rng } = this;
    const chance = first ? chances.first : this.tookCore ? chances.afterLong : chances.afterShort;
    this.tookCore = rng.unit() < chance;
    return draw(rng, this.tookCore ? times.longFetchNs : times.shortFetchNs, FALLBACK.fetch);
  }

  doneNs(): number {
    return draw(this.rng, this.times.doneNs, FALLBACK.interrupt);
  }
}

/** Items by the power of two of some size. */
type Groups<T> = readonly (readonly T[])[];

const GROUPS = 24;

function groupOf(size: number): number {
  return Math.min(Math.floor(Math.log2(Math.max(size, 1))), GROUPS - 1);
}

function grouped<T>(items: readonly T[], sizeOf: (item: T) => number): Groups<T> {
  const groups: T[][] = Array.from({ length: GROUPS }, () => []);
  for (const item of items) groups[groupOf(sizeOf(item))]!.push(item);
  return groups;
}

/** The group of that size, or the nearest that isn't empty. */
function nearest<T>(groups: Groups<T>, size: number): readonly T[] {
  const own = groupOf(size);
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
  private readonly queue: QueueCalibration;
  private readonly rng: Rng;
  private next = 0;
  private readonly waitedFor: readonly number[];
  opcode = -1;
  private left: number;

  /** @param waitedFor see DriverTimes */
  constructor(queue: QueueCalibration, waitedFor: readonly number[], seed: number) {
    this.queue = queue;
    this.waitedFor = waitedFor;
    this.window = queue.window;
    this.startNs = queue.startNs;
    this.rng = new Rng(seed, `work ${queue.place}`);
    this.left = queue.commands;
  }

  nextBatch(): number {
    const { batches, batchOpcodes, batchesComplete } = this.queue;
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
    const { thinkAfterSubmitNs, thinkAfterReapNs } = this.queue;
    return draw(this.rng, thinkAfterSubmitNs.length > 0 ? thinkAfterSubmitNs : thinkAfterReapNs, FALLBACK.think);
  }

  thinkAfterReapNs(): number {
    const { thinkAfterSubmitNs, thinkAfterReapNs } = this.queue;
    return draw(this.rng, thinkAfterReapNs.length > 0 ? thinkAfterReapNs : thinkAfterSubmitNs, FALLBACK.think);
  }
}
