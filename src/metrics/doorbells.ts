// Doorbell accounting: who wrote which doorbell how often, per controller, queue and side.
// An MMIO write counts when the driver wrote the register, whatever transport carried it.

import { ABSENT, type EventBatch } from '../trace/batch.js';
import { INTERRUPT_MASKED, INTERRUPT_MSIX, KIND, SIDE_CQ, SIDE_SQ } from '../trace/event.js';
import type { Metric } from './metric.js';

/** A count for each side of a queue: SQ tail and CQ head. */
export interface SideCounts {
  readonly sq: number;
  readonly cq: number;
}

export interface QueueDoorbells {
  /** Queue identifier; the completion queue's counts stand under its own identifier. */
  readonly qid: number;
  /** Entries of the submission queue as last created; undefined when its creation wasn't captured. */
  readonly depth: number | undefined;
  /** Commands that the device fetched; where no fetch was captured, those that the driver built. */
  readonly commands: number;
  /** Doorbell register writes by the driver. */
  readonly mmio: SideCounts;
  /** Shadow doorbell values that the device was seen to read. */
  readonly shadow: SideCounts;
  /** EventIdx values that the device was seen to write. */
  readonly eventidx: SideCounts;
  /** Interrupts signalled for the completion queue, masked ones left out. */
  readonly interrupts: number;
}

export interface ControllerDoorbells {
  readonly id: number;
  /** Whether shadow doorbells were in use: configured, or seen to be read. */
  readonly shadow: boolean;
  /** The I/O queues, by queue identifier. */
  readonly queues: readonly QueueDoorbells[];
  /** Queue 0, when it was seen. */
  readonly admin: QueueDoorbells | undefined;
}

/** MMIO writes of both sides. */
export interface MmioTotal extends SideCounts {
  readonly total: number;
}

/** The sides with their sum. */
export function mmioTotal({ sq, cq }: SideCounts): MmioTotal {
  return { sq, cq, total: sq + cq };
}

export interface DoorbellReport {
  readonly controllers: readonly ControllerDoorbells[];
  /** MMIO writes on I/O queues. */
  readonly mmio: MmioTotal;
  /** Commands on I/O queues. */
  readonly commands: number;
}

interface QueueCounts {
  readonly qid: number;
  depth: number | undefined;
  setups: number;
  fetches: number;
  /** Index SIDE_SQ or SIDE_CQ. */
  readonly mmio: [number, number];
  readonly shadow: [number, number];
  readonly eventidx: [number, number];
  interrupts: number;
}

interface ControllerCounts {
  shadow: boolean;
  /** By queue identifier + 1: events of no queue stand first. */
  readonly queues: (QueueCounts | undefined)[];
  /** Interrupt vector -> completion queue, as last created. */
  readonly vectors: Map<number, number>;
  /** Where the last completion was posted: an interrupt that names no vector is its signal. */
  lastCompletionQueue: number;
}

/** Counts doorbell traffic. */
export class DoorbellCounter implements Metric<DoorbellReport> {
  private readonly controllers = new Map<number, ControllerCounts>();

  push(batch: EventBatch): void {
    const { controller: id, kind } = batch;
    let controller: ControllerCounts | undefined;
    for (let row = 0; row < batch.length; row++) {
      if (controller === undefined || id[row] !== id[row - 1]) controller = this.controller(id[row]!);
      count(controller, batch, row, kind[row]!);
    }
  }

  private controller(id: number): ControllerCounts {
    let counts = this.controllers.get(id);
    if (counts === undefined) {
      counts = { shadow: false, queues: [], vectors: new Map([[0, 0]]), lastCompletionQueue: 0 };
      this.controllers.set(id, counts);
    }
    return counts;
  }

  result(): DoorbellReport {
    const controllers = [...this.controllers]
      .sort(([a], [b]) => a - b)
      .map(([id, counts]) => describeController(id, counts));
    const queues = controllers.flatMap((controller) => controller.queues);
    const sq = sum(queues, (q) => q.mmio.sq);
    const cq = sum(queues, (q) => q.mmio.cq);
    return { controllers, mmio: mmioTotal({ sq, cq }), commands: sum(queues, (q) => q.commands) };
  }
}

function count(controller: ControllerCounts, batch: EventBatch, row: number, kind: number): void {
  const qid = batch.queue[row]!;
  switch (kind) {
    case KIND['doorbell.mmio']:
      queue(controller, qid).mmio[sideOf(batch, row)] += 1;
      break;
    case KIND['doorbell.shadow']:
      controller.shadow = true;
      queue(controller, qid).shadow[sideOf(batch, row)] += 1;
      break;
    case KIND.eventidx:
      controller.shadow = true;
      queue(controller, qid).eventidx[sideOf(batch, row)] += 1;
      break;
    case KIND['dbbuf.config']:
      controller.shadow = true;
      break;
    case KIND['command.setup']:
      queue(controller, qid).setups += 1;
      break;
    case KIND['command.fetch']:
      queue(controller, qid).fetches += 1;
      break;
    case KIND['command.complete']:
      controller.lastCompletionQueue = qid;
      break;
    case KIND['queue.create']:
      if (sideOf(batch, row) === SIDE_SQ) queue(controller, qid).depth = batch.value[row]!;
      else if (batch.extra[row]! >= 0) controller.vectors.set(batch.extra[row]!, qid);
      break;
    case KIND.interrupt:
      countInterrupt(controller, batch, row);
      break;
    default:
      break;
  }
}

function sideOf(batch: EventBatch, row: number): typeof SIDE_SQ | typeof SIDE_CQ {
  return batch.side[row] === SIDE_CQ ? SIDE_CQ : SIDE_SQ;
}

function queue({ queues }: ControllerCounts, qid: number): QueueCounts {
  return (queues[qid + 1] ??= { qid, depth: undefined, setups: 0, fetches: 0, mmio: [0, 0], shadow: [0, 0], eventidx: [0, 0], interrupts: 0 });
}

function countInterrupt(controller: ControllerCounts, batch: EventBatch, row: number): void {
  const how = batch.extra[row]!;
  if (how === INTERRUPT_MASKED) return;
  queue(controller, signalled(controller, batch, row, how)).interrupts += 1;
}

/** The completion queue of an interrupt: named, or by its vector, or the one that the last completion was posted to. */
function signalled({ lastCompletionQueue, vectors }: ControllerCounts, batch: EventBatch, row: number, how: number): number {
  const named = batch.queue[row]!;
  if (named !== ABSENT) return named;
  return (how === INTERRUPT_MSIX ? vectors.get(batch.value[row]!) : undefined) ?? lastCompletionQueue;
}

function describeController(id: number, counts: ControllerCounts): ControllerDoorbells {
  const all = counts.queues.flatMap((q) => (q === undefined ? [] : [describeQueue(q)]));
  return {
    id,
    shadow: counts.shadow,
    queues: all.filter((q) => q.qid !== 0),
    admin: all.find((q) => q.qid === 0),
  };
}

function describeQueue(q: QueueCounts): QueueDoorbells {
  return {
    qid: q.qid,
    depth: q.depth,
    commands: q.fetches > 0 ? q.fetches : q.setups,
    mmio: { sq: q.mmio[SIDE_SQ], cq: q.mmio[SIDE_CQ] },
    shadow: { sq: q.shadow[SIDE_SQ], cq: q.shadow[SIDE_CQ] },
    eventidx: { sq: q.eventidx[SIDE_SQ], cq: q.eventidx[SIDE_CQ] },
    interrupts: q.interrupts,
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
