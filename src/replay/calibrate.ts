// Calibration: reads the times that the model needs off a recording. Each is a list of observed durations
// that a replay draws from; tails are kept, because host preemption lives in them.
//
// The lists are taken from adjacent actions only, where nothing else explains the gap:
//   announce -> announce of one queue      think time between submissions
//   reap -> announce of that queue         think time after completions
//   announce, device idle -> fetch         wake-up of the device
//   fetch -> fetch                         fetch and issue of one command
//   last fetch or completion -> completion backend, with the commands in flight and the share that completes
//   completion -> completion               completion of one command
//   last completion -> interrupt           posting
//   interrupt -> reap of that queue        the driver's handler, on an idle vCPU
//   vCPU's previous action -> reap         the same on a busy one, with the interrupt pending at that action

import { ACTION, type ActionLog } from './action-log.js';
import type { SteadyPart } from './steady.js';

/** One batch of completions of the backend. */
export interface BackendBatch {
  /** Commands in the device before it. */
  readonly inFlight: number;
  /** Share of them that it completed, in (0, 1]. */
  readonly share: number;
  /** Time since the device's last fetch or completion, in ns. */
  readonly afterNs: number;
}

/** What a queue's submissions looked like. */
export interface QueueCalibration {
  /** Place in the action log. */
  readonly place: number;
  /** Sizes of the announced batches, in order. With shadow doorbells on: those that are known, see `batchesComplete`. */
  readonly batches: readonly number[];
  /** Whether `batches` holds every submission: only then can a replay repeat them one by one. */
  readonly batchesComplete: boolean;
  readonly commands: number;
  /** Commands outstanding that the submitter goes up to. */
  readonly window: number;
  readonly startNs: number;
  readonly thinkAfterSubmitNs: readonly number[];
  readonly thinkAfterReapNs: readonly number[];
}

export interface Calibration {
  readonly queues: readonly QueueCalibration[];
  readonly wakeNs: readonly number[];
  readonly fetchNs: readonly number[];
  readonly backend: readonly BackendBatch[];
  readonly completeNs: readonly number[];
  readonly interruptNs: readonly number[];
  readonly handlerNs: readonly number[];
  readonly busyHandlerNs: readonly number[];
  /** Announcements that found the device with nothing to do: the simplest predictor of what shadow doorbells leave. */
  readonly idleWakes: number;
  /** Share of the vCPUs' actions that fell between two actions of the device at work: 0 where they take turns on a core. */
  readonly overlap: number;
  /** Register writes in the calibrated part. */
  readonly mmio: { readonly sq: number; readonly cq: number };
}

interface QueueState {
  readonly place: number;
  readonly batches: number[];
  silent: boolean;
  commands: number;
  startNs: number;
  submitted: number;
  reaped: number;
  /** Reaped commands by the number of commands outstanding on their queue right before the pass. */
  readonly levels: Map<number, number>;
  readonly thinkAfterSubmitNs: number[];
  readonly thinkAfterReapNs: number[];
  /** When the vCPU acted last, and when the oldest interrupt came that it has not answered; NaN when there is none. */
  actedNs: number;
  interruptedNs: number;
}

/** Calibrates from the steady part of a log. */
export function calibrate(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>): Calibration {
  return new Calibrator(log, part).run();
}

class Calibrator {
  private readonly log: ActionLog;
  private readonly part: Omit<SteadyPart, 'leftOut'>;
  private readonly states: Map<number, QueueState>;
  private readonly wakeNs: number[] = [];
  private readonly fetchNs: number[] = [];
  private readonly backend: BackendBatch[] = [];
  private readonly completeNs: number[] = [];
  private readonly interruptNs: number[] = [];
  private readonly handlerNs: number[] = [];
  private readonly busyHandlerNs: number[] = [];
  private idleWakes = 0;
  private readonly mmio = { sq: 0, cq: 0 };
  /** The previous action: its kind, queue and time. */
  private before = { action: -1, queue: -1, timeNs: NaN };
  /** Whether the previous action was a register write that found the device idle. */
  private wakes = false;
  /** As QueueState.levels, over all queues. */
  private readonly levels = new Map<number, number>();
  private announced = 0;
  private fetched = 0;
  private inFlight = 0;
  private deviceActionNs = NaN;
  private batch = { inFlight: 0, count: 0, afterNs: NaN };

  constructor(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>) {
    this.log = log;
    this.part = part;
    this.states = new Map(part.queues.map((place) => [place, newState(place)]));
  }

  run(): Calibration {
    const { log, part } = this;
    for (let row = part.from; row < part.to; row++) {
      const state = this.states.get(log.queue[row]!);
      if (state === undefined) continue;
      const timeNs = log.timeNs[row]!;
      const action = log.action[row]!;
      if (action !== ACTION.complete) this.endBatch();
      this.take(state, action, timeNs, log.count[row]!, log.mmio[row] === 1);
      if (action !== ACTION.announce) this.wakes = false;
      this.before = { action, queue: state.place, timeNs };
    }
    this.endBatch();
    const busy = [...this.states.values()].filter((state) => state.commands > 0);
    const shareOfAll = Math.ceil(highestLevel(this.levels) / Math.max(busy.length, 1));
    return {
      queues: busy.map((state) => describe(state, log.timeNs[part.from]!, shareOfAll)),
      wakeNs: this.wakeNs,
      fetchNs: this.fetchNs,
      backend: this.backend,
      completeNs: this.completeNs,
      interruptNs: this.interruptNs,
      handlerNs: this.handlerNs,
      busyHandlerNs: this.busyHandlerNs,
      idleWakes: this.idleWakes,
      overlap: overlapShare(log, part),
      mmio: this.mmio,
    };
  }

  private take(state: QueueState, action: number, timeNs: number, count: number, mmio: boolean): void {
    switch (action) {
      case ACTION.announce:
        this.announce(state, timeNs, count, mmio);
        break;
      case ACTION.fetch:
        this.fetch(timeNs);
        break;
      case ACTION.complete:
        this.complete(timeNs);
        break;
      case ACTION.interrupt:
        if (this.before.action === ACTION.complete) this.interruptNs.push(timeNs - this.before.timeNs);
        if (Number.isNaN(state.interruptedNs)) state.interruptedNs = timeNs;
        break;
      default:
        this.reap(state, timeNs, count, mmio);
    }
  }

  private announce(state: QueueState, timeNs: number, count: number, mmio: boolean): void {
    const { before } = this;
    const deviceIdle = this.inFlight === 0 && this.announced === this.fetched;
    if (mmio) this.mmio.sq += 1;
    state.actedNs = timeNs;
    if (count === 0) return;
    if (Number.isNaN(state.startNs)) state.startNs = timeNs;
    // Silent announcements are seen late and may be several at once: only a ring at an idle device shows its batch.
    if (!mmio) state.silent = true;
    else if (!state.silent || deviceIdle) state.batches.push(count);
    if (before.action === ACTION.announce && before.queue === state.place) state.thinkAfterSubmitNs.push(timeNs - before.timeNs);
    if (before.action === ACTION.reap && before.queue === state.place) state.thinkAfterReapNs.push(timeNs - before.timeNs);
    state.submitted += count;
    state.commands += count;
    this.announced += count;
    this.wakes = deviceIdle && mmio;
    if (deviceIdle) this.idleWakes += 1;
  }

  private fetch(timeNs: number): void {
    if (this.before.action === ACTION.fetch) this.fetchNs.push(timeNs - this.before.timeNs);
    if (this.wakes) this.wakeNs.push(timeNs - this.before.timeNs);
    this.wakes = false;
    this.inFlight += 1;
    this.fetched += 1;
    this.announced = Math.max(this.announced, this.fetched);
    this.deviceActionNs = timeNs;
  }

  private complete(timeNs: number): void {
    if (this.before.action === ACTION.complete) this.completeNs.push(timeNs - this.before.timeNs);
    else this.batch = { inFlight: this.inFlight, count: 0, afterNs: this.deviceIsAlone() ? timeNs - this.deviceActionNs : NaN };
    this.batch.count += 1;
    this.inFlight = Math.max(this.inFlight - 1, 0);
    this.deviceActionNs = timeNs;
  }

  private reap(state: QueueState, timeNs: number, count: number, mmio: boolean): void {
    const { before } = this;
    if (mmio) this.mmio.cq += 1;
    if (before.action === ACTION.interrupt && before.queue === state.place) this.handlerNs.push(timeNs - before.timeNs);
    else if (state.interruptedNs < state.actedNs) this.busyHandlerNs.push(timeNs - state.actedNs);
    state.interruptedNs = NaN;
    state.actedNs = timeNs;
    bump(state.levels, state.submitted - state.reaped, count);
    bump(this.levels, this.outstanding(), count);
    state.reaped += count;
  }

  /** Whether no vCPU did anything since the device's previous action: else the gap may be a wait for a core. */
  private deviceIsAlone(): boolean {
    return this.before.action !== ACTION.announce && this.before.action !== ACTION.reap;
  }

  /** Commands announced and not reaped, over all queues. */
  private outstanding(): number {
    let sum = 0;
    for (const state of this.states.values()) sum += state.submitted - state.reaped;
    return sum;
  }

  /** Ends a run of completions with nothing between. */
  private endBatch(): void {
    const { inFlight, count, afterNs } = this.batch;
    if (!Number.isNaN(afterNs)) this.backend.push({ inFlight, share: Math.min(count / Math.max(inFlight, 1), 1), afterNs });
    this.batch = { inFlight: 0, count: 0, afterNs: NaN };
  }
}

/** Two actions of the device further apart than this may have a wait between them, in ns. */
const AT_WORK_NS = 60_000;

/** See Calibration.overlap. An interrupt ends a piece of work, so it doesn't begin one. */
function overlapShare(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>): number {
  let actions = 0;
  let inside = 0;
  for (let row = part.from + 1; row < part.to - 1; row++) {
    const action = log.action[row]!;
    if (action !== ACTION.announce && action !== ACTION.reap) continue;
    actions += 1;
    const before = log.action[row - 1]!;
    const after = log.action[row + 1]!;
    const atWork = log.timeNs[row + 1]! - log.timeNs[row - 1]! < AT_WORK_NS;
    const fromDevice = before === ACTION.fetch || before === ACTION.complete;
    const toDevice = after === ACTION.fetch || after === ACTION.complete || after === ACTION.interrupt;
    if (fromDevice && toDevice && atWork) inside += 1;
  }
  return actions === 0 ? 0 : inside / actions;
}

function newState(place: number): QueueState {
  return {
    place,
    batches: [],
    silent: false,
    commands: 0,
    startNs: NaN,
    submitted: 0,
    reaped: 0,
    levels: new Map(),
    thinkAfterSubmitNs: [],
    thinkAfterReapNs: [],
    actedNs: NaN,
    interruptedNs: NaN,
  };
}

/** A level of outstanding commands counts as reached when this share of the commands was reaped from it. */
const REACHED_SHARE = 0.003;

/** The highest level that was reached more than in passing. */
function highestLevel(levels: ReadonlyMap<number, number>): number {
  let total = 0;
  for (const count of levels.values()) total += count;
  let highest = 1;
  for (const [level, count] of levels) if (count >= total * REACHED_SHARE) highest = Math.max(highest, level);
  return highest;
}

/** @param shareOfAll the queue's share of the commands outstanding on all queues together: jobs may meet on one queue for a while */
function describe(state: QueueState, partStartNs: number, shareOfAll: number): QueueCalibration {
  return {
    place: state.place,
    batches: state.batches,
    batchesComplete: !state.silent,
    commands: state.commands,
    window: Math.min(highestLevel(state.levels), shareOfAll),
    startNs: state.startNs - partStartNs,
    thinkAfterSubmitNs: state.thinkAfterSubmitNs,
    thinkAfterReapNs: state.thinkAfterReapNs,
  };
}

function bump(counts: Map<number, number>, key: number, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
