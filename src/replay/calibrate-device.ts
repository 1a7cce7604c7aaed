// The device's times, read off a recording from adjacent actions, where nothing else explains the gap:
//   announce, device asleep -> fetch       wake-up, with the time that it had slept
//   fetch -> fetch                         fetch and issue of one command
//   last fetch or completion -> completion backend, with the commands in flight and how many complete
//   completion -> completion               completion of one command
//   last completion -> interrupt           posting

import { ascending, quantileSorted } from '../metrics/stats.js';
import { ACTION } from './action-log.js';
import { WorkerReader, type WorkerTimes } from './calibrate-workers.js';
import type { UnderWay } from './in-flight.js';
import { recordScale } from './record-cost.js';
import { Samples } from './samples.js';

/** One batch of completions of the backend. */
export interface BackendBatch {
  /** Commands in the device before it. */
  readonly inFlight: number;
  /** How many of them it completed, 1 or more. */
  readonly completed: number;
  /** Time since the device's last fetch or completion, in ns. */
  readonly afterNs: number;
}

/** One wake-up of the device. */
export interface Wake {
  /** Time since the device's last action, in ns. */
  readonly asleepNs: number;
  /** From the doorbell to the fetch, in ns. */
  readonly afterNs: number;
}

/** Commands of an opcode that isn't the workload's own: flushes, trims. They take their own time. */
export interface SpecialTimes {
  readonly opcode: number;
  /** From fetch to completion, in ns. */
  readonly serviceNs: readonly number[];
}

export interface DeviceTimes {
  readonly special: readonly SpecialTimes[];
  readonly wakes: readonly Wake[];
  readonly fetchNs: readonly number[];
  readonly backend: readonly BackendBatch[];
  readonly completeNs: readonly number[];
  readonly interruptNs: readonly number[];
  /** Of a backend whose worker threads share the main loop's core; undefined where the recording shows none. */
  readonly workers: WorkerTimes | undefined;
}

/** A thread that waited for the lock acts within this time of its release, in ns. */
export const LET_IN_NS = 40_000;
/** Two actions of the device further apart than this belong to two pieces of work. */
const ONE_PIECE_NS = 40_000;

/** The columns of an action that matter here; see ActionLog. */
export interface ActionRow {
  readonly count: number;
  readonly mmio: boolean;
  readonly opcode: number;
  readonly serviceNs: number;
  /** Place of the queue. */
  readonly queue: number;
}

export interface DeviceReaderOptions {
  /** See CalibrationOptions. */
  readonly dispatchNs: number;
  readonly accessNs: number;
  readonly recordsPerCompletion: number;
  readonly parallel: boolean;
  /** See Calibration.vcpusApart. */
  readonly vcpusApart: boolean;
}

/** From the last completion before an interrupt to it. */
interface Posting {
  readonly ns: number;
  /** Completions of that queue that were posted. */
  readonly entries: number;
}

export class DeviceReader {
  private readonly special: ReadonlyMap<number, Samples<number>>;
  private readonly wakes = new Samples<Wake>();
  private readonly fetchNs = new Samples<number>();
  private readonly gaps = new Samples<BackendBatch & { readonly afterFetch: boolean }>();
  private readonly completeNs = new Samples<number>();
  private readonly postings = new Samples<Posting>();
  /** Completions of each queue since its last interrupt. */
  private readonly unposted = new Map<number, number>();
  private readonly workers = new WorkerReader();
  /** The previous action of anybody. */
  private before = { action: -1, timeNs: NaN };
  /** The doorbell that the device, asleep until then, is waking up to; NaN when there is none. */
  private kick = { timeNs: NaN, asleepNs: NaN, idle: false };
  /** Whether its last action was a first fetch that showed a wake-up. */
  private justWoke = false;
  private announced = 0;
  private fetched = 0;
  private inFlight = 0;
  private specialInFlight = 0;
  private actedNs = NaN;
  /** Its last action: after a completion it is awake, because the posting follows. */
  private lastAction = -1;
  /** When the piece of work began of which that was the last action. */
  private pieceFromNs = NaN;
  private readonly options: DeviceReaderOptions;
  private batch = { inFlight: 0, completed: 0, fromNs: NaN, afterNs: NaN, afterFetch: false };

  /** @param special opcodes of special commands */
  constructor(special: ReadonlySet<number>, options: DeviceReaderOptions) {
    this.special = new Map([...special].map((opcode) => [opcode, new Samples()]));
    this.options = options;
  }

  /** What is under way when the part begins. */
  beginWith({ unfetched, inDevice }: UnderWay): void {
    this.announced = unfetched;
    for (const [opcode, count] of inDevice) {
      if (this.special.has(opcode)) this.specialInFlight += count;
      else this.inFlight += count;
    }
  }

  /** Whether it has nothing to do. */
  get isIdle(): boolean {
    return this.inFlight + this.specialInFlight === 0 && this.announced <= this.fetched;
  }

  /** Time since its last action, in ns; Infinity before the first. */
  asleepNs(timeNs: number): number {
    return Number.isNaN(this.actedNs) ? Infinity : timeNs - this.actedNs;
  }

  /**
   * When the device took the lock that a write which was seen at `timeNs` waited for, in ns; NaN when it didn't wait. Who
   * waits is let in when the device ends a piece of work, so a write right behind one waited, or might have.
   * @param fetchNs what a fetch takes at most
   */
  heldSinceNs(timeNs: number, fetchNs: number): number {
    const { before } = this;
    if (before.action === ACTION.announce || before.action === ACTION.reap) return NaN;
    const restNs = before.action === ACTION.fetch ? fetchNs : 0;
    return timeNs - this.actedNs <= restNs + LET_IN_NS ? this.pieceFromNs : NaN;
  }

  take(action: number, timeNs: number, { count, mmio, opcode, serviceNs, queue }: ActionRow): void {
    if (action !== ACTION.complete) this.endBatch();
    // More that it finds right behind its first fetch came while it was being woken: the vCPU had the core, and the wake-up holds its work.
    if (this.justWoke && action === ACTION.announce && !mmio && count > 0 && !this.options.parallel) this.wakes.takeBack();
    this.justWoke = false;
    // A vCPU that does something may hold the lock: how long the backend takes isn't seen then.
    if (action === ACTION.announce || action === ACTION.reap) this.workers.completed(timeNs, 0);
    switch (action) {
      case ACTION.announce:
        if (Number.isNaN(this.kick.timeNs) && mmio && count > 0 && this.lastAction !== ACTION.complete) this.kick = { timeNs, asleepNs: this.asleepNs(timeNs), idle: this.isIdle };
        this.announced += count;
        break;
      case ACTION.fetch:
        this.fetch(timeNs, this.special.has(opcode));
        break;
      case ACTION.complete:
        this.unposted.set(queue, (this.unposted.get(queue) ?? 0) + 1);
        if (this.special.has(opcode)) this.completeSpecial(timeNs, opcode, serviceNs);
        else this.complete(timeNs);
        break;
      case ACTION.interrupt:
        if (this.before.action === ACTION.complete) this.postings.push({ ns: timeNs - this.before.timeNs, entries: this.unposted.get(queue) ?? 0 });
        this.unposted.delete(queue);
        this.acted(action, timeNs);
        break;
      default:
        break;
    }
    this.before = { action, timeNs };
  }

  /** The gaps, without what the model's device spends on its last action before it waits, and on shadow doorbells. */
  result(): DeviceTimes {
    this.endBatch();
    const [wakes, allFetchNs, completeNs] = [this.wakes.kept, this.fetchNs.kept, this.completeNs.kept];
    const accessNs = this.options.accessNs * recordScale(completeNs, this.options.recordsPerCompletion);
    const oneFetch = median(allFetchNs);
    const oneCompletion = median(completeNs);
    const backend = this.gaps.kept.map(({ afterFetch, afterNs, ...batch }) => ({ ...batch, afterNs: Math.max(afterNs - (afterFetch ? oneFetch : oneCompletion), 0) }));
    const fetchNs = allFetchNs.map((ns) => Math.max(ns - accessNs, 0));
    const posted = this.postings.kept.map(({ ns, entries }) => Math.max(ns - entries * accessNs, 0));
    const interruptNs = posted.map((ns) => Math.max(ns - oneCompletion, 0));
    const special = [...this.special].map(([opcode, { kept: serviceNs }]) => ({ opcode, serviceNs }));
    const workers = this.options.parallel ? this.workers.result(median(posted), accessNs) : undefined;
    return { wakes, fetchNs, backend, completeNs, interruptNs, special, workers };
  }

  private fetch(timeNs: number, special: boolean): void {
    const sinceNs = this.before.action === ACTION.fetch ? timeNs - this.before.timeNs : NaN;
    if (!Number.isNaN(sinceNs)) this.fetchNs.push(sinceNs);
    this.workers.fetch(timeNs, { behind: this.before.action === ACTION.fetch, idle: !special && this.inFlight + this.specialInFlight === 0 });
    const { kick } = this;
    const told = this.options.parallel || (this.before.action === ACTION.announce && this.before.timeNs === kick.timeNs && kick.idle);
    this.justWoke = !Number.isNaN(kick.timeNs) && told;
    if (this.justWoke) this.wakes.push({ asleepNs: kick.asleepNs, afterNs: Math.max(timeNs - kick.timeNs - this.options.dispatchNs, 0) });
    if (special) this.specialInFlight += 1;
    else this.inFlight += 1;
    this.fetched += 1;
    this.announced = Math.max(this.announced, this.fetched);
    this.acted(ACTION.fetch, timeNs);
  }

  private completeSpecial(timeNs: number, opcode: number, serviceNs: number): void {
    this.endBatch();
    if (!Number.isNaN(serviceNs)) this.special.get(opcode)!.push(serviceNs);
    this.specialInFlight = Math.max(this.specialInFlight - 1, 0);
    this.acted(ACTION.complete, timeNs);
  }

  private complete(timeNs: number): void {
    if (this.before.action === ACTION.complete) this.completeNs.push(timeNs - this.before.timeNs);
    else {
      const afterNs = this.isAlone() ? timeNs - this.actedNs : NaN;
      this.batch = { inFlight: this.inFlight, completed: 0, fromNs: timeNs, afterNs, afterFetch: this.before.action === ACTION.fetch };
    }
    this.batch.completed += 1;
    this.inFlight = Math.max(this.inFlight - 1, 0);
    this.acted(ACTION.complete, timeNs);
  }

  private acted(action: number, timeNs: number): void {
    const { before } = this;
    // A pass over the SQ, or completions with their posting: between pieces the lock was free.
    const goesOn = before.action === ACTION.fetch ? action === ACTION.fetch : before.action === ACTION.complete && action !== ACTION.fetch;
    if (!goesOn || timeNs - this.actedNs > ONE_PIECE_NS) this.pieceFromNs = timeNs;
    this.actedNs = timeNs;
    this.lastAction = action;
    this.kick = { timeNs: NaN, asleepNs: NaN, idle: false };
  }

  /** Whether no vCPU did anything since the device's previous action: else the gap may be a wait for a core. */
  private isAlone(): boolean {
    return this.options.vcpusApart || (this.before.action !== ACTION.announce && this.before.action !== ACTION.reap);
  }

  /** Ends a run of completions with nothing between. */
  private endBatch(): void {
    const { inFlight, completed, fromNs, afterNs, afterFetch } = this.batch;
    if (!Number.isNaN(afterNs)) this.gaps.push({ inFlight, completed, afterNs, afterFetch });
    if (completed > 0) this.workers.completed(fromNs, completed);
    this.batch = { inFlight: 0, completed: 0, fromNs: NaN, afterNs: NaN, afterFetch: false };
  }
}

function median(values: readonly number[]): number {
  return values.length === 0 ? 0 : quantileSorted(ascending(values), 0.5);
}
