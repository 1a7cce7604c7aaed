// What became of the commands of a run, queue by queue: where they spent their time, and how full the queue was. It follows
// the events of a replay, which are whole and in order, by counting; a history does the same for recordings, at several times
// the cost, and a test holds that both say the same.

import type { Stage as Level } from '../history/occupancy.js';
import { DurationHistogram } from '../metrics/histogram.js';
import { LevelMeter, type LevelSummary } from '../metrics/levels.js';
import { distance } from '../nvme/ring.js';
import type { EventBatch } from '../trace/batch.js';
import { KIND, SIDE_SQ } from '../trace/event.js';

/** The steps of a command's way: each stage ends where the next one begins. */
export const STAGES = ['submit_to_announce', 'announce_to_fetch', 'fetch_to_complete', 'complete_to_interrupt', 'interrupt_to_reap', 'total'] as const;
export type Stage = (typeof STAGES)[number];

/** Quantiles of durations, in ns; NaN when no command showed both ends of the stage. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
}

export type StageLatencies = Readonly<Record<Stage, LatencySummary>>;

/** How many commands there were in the SQ, in the device, and as completions in the CQ. */
export type Occupancy = Readonly<Record<Level, LevelSummary>>;

export interface QueueMeasures {
  readonly qid: number;
  readonly stages: StageLatencies;
  readonly occupancy: Occupancy;
}

function summaryOf(histograms: readonly DurationHistogram[]): StageLatencies {
  const entries = STAGES.map((stage, i) => {
    const histogram = histograms[i]!;
    const [p50Ns, p90Ns, p99Ns, p999Ns] = [0.5, 0.9, 0.99, 0.999].map((p) => histogram.quantile(p)) as [number, number, number, number];
    return [stage, { count: histogram.count, p50Ns, p90Ns, p99Ns, p999Ns }] as const;
  });
  return Object.fromEntries(entries) as Record<Stage, LatencySummary>;
}

/**
 * One queue pair. Commands are known by their identifier, modulo the size of the tables: those outstanding differ in it.
 * Order is kept in counts that never wrap, and in tables by such a count.
 */
class QueueMeter {
  readonly stages: readonly DurationHistogram[];
  readonly levels: Readonly<Record<Level, LevelMeter>>;
  private readonly depth: number;
  private readonly mask: number;
  private readonly setupNs: Float64Array;
  private readonly announcedNs: Float64Array;
  private readonly fetchedNs: Float64Array;
  private readonly completedNs: Float64Array;
  private readonly interruptNs: Float64Array;
  /** Identifiers in the order of their set-up, and of their completion. */
  private readonly built: Uint16Array;
  private readonly done: Uint16Array;
  private setups = 0;
  private announced = 0;
  private fetched = 0;
  private completed = 0;
  private interrupted = 0;
  private reaped = 0;
  /** The last SQ tail that the device came to know. */
  private tail = 0;
  /** When the commands were set up that the queue's earlier life left undone, oldest first, in ns: the driver submits them again, in that order. */
  private readonly undone: number[];

  /** @param before the queue's earlier life, whose counts it goes on with */
  constructor(depth: number, before?: QueueMeter) {
    this.stages = before?.stages ?? STAGES.map(() => new DurationHistogram());
    this.levels = before?.levels ?? { sq: new LevelMeter(), device: new LevelMeter(), cq: new LevelMeter() };
    this.undone = before?.left() ?? [];
    this.depth = depth;
    const size = 2 ** Math.ceil(Math.log2(depth));
    this.mask = size - 1;
    const times = (): Float64Array => new Float64Array(size);
    this.setupNs = times();
    this.announcedNs = times();
    this.fetchedNs = times();
    this.completedNs = times();
    this.interruptNs = times();
    this.built = new Uint16Array(size);
    this.done = new Uint16Array(size);
  }

  setup(cid: number, timeNs: number): void {
    const at = cid & this.mask;
    this.setupNs[at] = this.undone.length > 0 ? this.undone.shift()! : timeNs;
    this.announcedNs[at] = NaN;
    this.built[this.setups & this.mask] = at;
    this.setups += 1;
    this.levels.sq.change(timeNs, this.setups - this.fetched);
  }

  private left(): number[] {
    const times: number[] = [];
    for (let i = this.reaped; i < this.setups; i++) times.push(this.setupNs[this.built[i & this.mask]!]!);
    return [...times, ...this.undone];
  }

  /** A write or a shadow read tells the device of a tail; an old one that comes late tells nothing. */
  announce(tail: number, timeNs: number): void {
    const ahead = distance(this.tail, tail, this.depth);
    if (ahead > this.setups - this.announced) return;
    this.tail = tail;
    for (let i = 0; i < ahead; i++) this.announcedNs[this.built[this.announced++ & this.mask]!] = timeNs;
  }

  fetch(cid: number, timeNs: number): void {
    this.fetchedNs[cid & this.mask] = timeNs;
    this.fetched += 1;
    this.levels.sq.change(timeNs, this.setups - this.fetched);
    this.levels.device.change(timeNs, this.fetched - this.completed);
  }

  complete(cid: number, timeNs: number): void {
    const at = cid & this.mask;
    this.completedNs[at] = timeNs;
    this.interruptNs[at] = NaN;
    this.done[this.completed & this.mask] = at;
    this.completed += 1;
    this.levels.device.change(timeNs, this.fetched - this.completed);
    this.levels.cq.change(timeNs, this.completed - this.reaped);
  }

  /** Signals all that was completed since the last interrupt. */
  interrupt(timeNs: number): void {
    this.interrupted = Math.max(this.interrupted, this.reaped);
    while (this.interrupted < this.completed) this.interruptNs[this.done[this.interrupted++ & this.mask]!] = timeNs;
  }

  reap(cid: number, timeNs: number): void {
    const at = cid & this.mask;
    this.reaped += 1;
    this.levels.cq.change(timeNs, this.completed - this.reaped);
    const { stages } = this;
    const setupNs = this.setupNs[at]!;
    const announcedNs = this.announcedNs[at]!;
    const fetchedNs = this.fetchedNs[at]!;
    const completedNs = this.completedNs[at]!;
    const interruptNs = this.interruptNs[at]!;
    stages[0]!.add(announcedNs - setupNs);
    stages[1]!.add(fetchedNs - announcedNs);
    stages[2]!.add(completedNs - fetchedNs);
    stages[3]!.add(interruptNs - completedNs);
    stages[4]!.add(timeNs - interruptNs);
    stages[5]!.add(timeNs - setupNs);
  }
}

/** Measures the I/O queues of one run from its events, from time 0 on. Memory: some tables per queue, whatever the length of the run. */
export class RunMeter {
  /** By queue identifier. */
  private readonly queues: (QueueMeter | undefined)[] = [];

  push(batch: EventBatch): void {
    const { kind, queue, cid, side, value, timeNs } = batch;
    for (let row = 0; row < batch.length; row++) {
      if (kind[row] === KIND['queue.create']) {
        if (side[row] === SIDE_SQ && queue[row]! > 0) this.queues[queue[row]!] = new QueueMeter(value[row]!, this.queues[queue[row]!]);
        continue;
      }
      const meter = this.queues[queue[row]!];
      if (meter === undefined) continue;
      const nowNs = timeNs[row]!;
      switch (kind[row]) {
        case KIND['command.setup']:
          meter.setup(cid[row]!, nowNs);
          break;
        case KIND['doorbell.mmio']:
        case KIND['doorbell.shadow']:
          if (side[row] === SIDE_SQ) meter.announce(value[row]!, nowNs);
          break;
        case KIND['command.fetch']:
          meter.fetch(cid[row]!, nowNs);
          break;
        case KIND['command.complete']:
          meter.complete(cid[row]!, nowNs);
          break;
        case KIND.interrupt:
          meter.interrupt(nowNs);
          break;
        case KIND['command.reap']:
          meter.reap(cid[row]!, nowNs);
          break;
        default:
          break;
      }
    }
  }

  /** Over all queues. */
  stages(): StageLatencies {
    const all = STAGES.map(() => new DurationHistogram());
    for (const meter of this.queues) meter?.stages.forEach((histogram, i) => all[i]!.addAll(histogram));
    return summaryOf(all);
  }

  /** Each queue, by its identifier. */
  perQueue(endNs: number): readonly QueueMeasures[] {
    return this.queues.flatMap((meter, qid) => {
      if (meter === undefined) return [];
      const { sq, device, cq } = meter.levels;
      return [{ qid, stages: summaryOf(meter.stages), occupancy: { sq: sq.summary(endNs), device: device.summary(endNs), cq: cq.summary(endNs) } }];
    });
  }
}
