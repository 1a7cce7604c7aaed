// Doorbell accounting: who wrote which doorbell how often, per controller, queue and side.
// An MMIO write counts when the driver wrote the register, whatever transport carried it.

import { ABSENT, type EventBatch } from '../trace/batch.js';
import { INTERRUPT_MASKED, INTERRUPT_MSIX, KIND, KIND_NAMES, type Kind, SIDE_CQ, SIDE_SQ } from '../trace/event.js';
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
  /** Events, at 2 * kind + side; those without a side stand with the SQ's. */
  readonly events: Float64Array;
  depth: number | undefined;
  /** Signals of its CQ, by whatever name they came. */
  interrupts: number;
}

interface ControllerCounts {
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
    const { controller: id, kind, queue, side } = batch;
    let controller: ControllerCounts | undefined;
    for (let row = 0; row < batch.length; row++) {
      if (controller === undefined || id[row] !== id[row - 1]) controller = this.controller(id[row]!);
      const qid = queue[row]!;
      const { events } = controller.queues[qid + 1] ?? queueOf(controller, qid);
      events[2 * kind[row]! + (side[row] === SIDE_CQ ? SIDE_CQ : SIDE_SQ)]! += 1;
      switch (kind[row]) {
        case KIND['command.complete']:
          controller.lastCompletionQueue = qid;
          break;
        case KIND.interrupt:
          countInterrupt(controller, batch, row);
          break;
        case KIND['queue.create']:
          if (side[row] !== SIDE_CQ) queueOf(controller, qid).depth = batch.value[row]!;
          else if (batch.extra[row]! >= 0) controller.vectors.set(batch.extra[row]!, qid);
          break;
        default:
          break;
      }
    }
  }

  private controller(id: number): ControllerCounts {
    let counts = this.controllers.get(id);
    if (counts === undefined) {
      counts = { queues: [], vectors: new Map([[0, 0]]), lastCompletionQueue: 0 };
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

function queueOf({ queues }: ControllerCounts, qid: number): QueueCounts {
  return (queues[qid + 1] ??= { qid, events: new Float64Array(2 * (KIND_NAMES.length + 1)), depth: undefined, interrupts: 0 });
}

function countInterrupt(controller: ControllerCounts, batch: EventBatch, row: number): void {
  const how = batch.extra[row]!;
  if (how === INTERRUPT_MASKED) return;
  queueOf(controller, signalled(controller, batch, row, how)).interrupts += 1;
}

/** The completion queue of an interrupt: named, or by its vector, or the one that the last completion was posted to. */
function signalled({ lastCompletionQueue, vectors }: ControllerCounts, batch: EventBatch, row: number, how: number): number {
  const named = batch.queue[row]!;
  if (named !== ABSENT) return named;
  return (how === INTERRUPT_MSIX ? vectors.get(batch.value[row]!) : undefined) ?? lastCompletionQueue;
}

function sidesOf({ events }: QueueCounts, kind: Kind): SideCounts {
  return { sq: events[2 * kind + SIDE_SQ]!, cq: events[2 * kind + SIDE_CQ]! };
}

function countOf(queue: QueueCounts, kind: Kind): number {
  const { sq, cq } = sidesOf(queue, kind);
  return sq + cq;
}

/** Events that show a queue by themselves: of one that only others name, nothing could be said. */
const SHOWING = [KIND['doorbell.mmio'], KIND['doorbell.shadow'], KIND.eventidx, KIND['command.setup'], KIND['command.fetch']];

function isShown(queue: QueueCounts): boolean {
  return queue.depth !== undefined || queue.interrupts > 0 || SHOWING.some((kind) => countOf(queue, kind) > 0);
}

function describeController(id: number, counts: ControllerCounts): ControllerDoorbells {
  const all = counts.queues.filter((queue) => queue !== undefined);
  const told = all.filter(isShown).map(describeQueue);
  const shadowKinds = [KIND['doorbell.shadow'], KIND.eventidx, KIND['dbbuf.config']];
  return {
    id,
    shadow: all.some((queue) => shadowKinds.some((kind) => countOf(queue, kind) > 0)),
    queues: told.filter((q) => q.qid !== 0),
    admin: told.find((q) => q.qid === 0),
  };
}

function describeQueue(queue: QueueCounts): QueueDoorbells {
  const fetches = countOf(queue, KIND['command.fetch']);
  return {
    qid: queue.qid,
    depth: queue.depth,
    commands: fetches > 0 ? fetches : countOf(queue, KIND['command.setup']),
    mmio: sidesOf(queue, KIND['doorbell.mmio']),
    shadow: sidesOf(queue, KIND['doorbell.shadow']),
    eventidx: sidesOf(queue, KIND.eventidx),
    interrupts: queue.interrupts,
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
