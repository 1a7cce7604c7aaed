// Scenes: normalized events written by hand, one call per event, in the words of the field.
//
//   new Scene().createQueue(1, 8).at(100).sqDoorbell(1, 1).at(250).fetch(1, 7).complete(1, 7).interrupt({ vector: 1 })

import { ABSENT, type BatchConsumer } from '../../src/trace/batch.js';
import { INTERRUPT_MSIX, KIND, type KindName, SIDE_CQ, SIDE_SQ } from '../../src/trace/event.js';
import { type PlainEvent, writeEvents } from './events.js';

const READ = 0x02;

interface QueueOptions {
  /** Of the CQ; -1: without interrupts. Default: the queue's identifier. */
  readonly vector?: number;
}

interface InterruptOptions {
  readonly vector?: number;
  /** Only where the capture names it. */
  readonly queue?: number;
  /** INTERRUPT_MSIX, INTERRUPT_PIN or INTERRUPT_MASKED. */
  readonly how?: number;
}

export class Scene {
  readonly events: PlainEvent[] = [];
  private controller = 0;
  private nextNs = 0;
  private readonly timeless: boolean;

  /** @param timeless the capture has no time stamps */
  constructor({ timeless = false } = {}) {
    this.timeless = timeless;
  }

  /** Sets the time of the next event; without it an event comes 1 ns after the one before. */
  at(ns: number): this {
    this.nextNs = ns;
    return this;
  }

  /** The following events belong to this controller. */
  on(controller: number): this {
    this.controller = controller;
    return this;
  }

  /** Creates a CQ and an SQ of the same identifier and depth. */
  createQueue(qid: number, depth: number, { vector = qid }: QueueOptions = {}): this {
    return this.createCq(qid, depth, { vector }).createSq(qid, depth, qid);
  }

  /** @param cid of the admin command, whose completion decides; ABSENT: unknown */
  createSq(qid: number, depth: number, cq = qid, cid: number = ABSENT): this {
    return this.add('queue.create', { queue: qid, side: SIDE_SQ, value: depth, extra: cq, cid });
  }

  createCq(qid: number, depth: number, { vector = qid, cid = ABSENT }: QueueOptions & { readonly cid?: number } = {}): this {
    return this.add('queue.create', { queue: qid, side: SIDE_CQ, value: depth, extra: vector, cid });
  }

  deleteSq(qid: number): this {
    return this.add('queue.delete', { queue: qid, side: SIDE_SQ });
  }

  deleteCq(qid: number): this {
    return this.add('queue.delete', { queue: qid, side: SIDE_CQ });
  }

  /** The driver writes a doorbell register. */
  sqDoorbell(qid: number, tail: number, thread: number = ABSENT): this {
    return this.add('doorbell.mmio', { queue: qid, side: SIDE_SQ, value: tail, thread });
  }

  cqDoorbell(qid: number, head: number, thread: number = ABSENT): this {
    return this.add('doorbell.mmio', { queue: qid, side: SIDE_CQ, value: head, thread });
  }

  /** The device reads a shadow doorbell. */
  sqShadow(qid: number, tail: number): this {
    return this.add('doorbell.shadow', { queue: qid, side: SIDE_SQ, value: tail });
  }

  cqShadow(qid: number, head: number): this {
    return this.add('doorbell.shadow', { queue: qid, side: SIDE_CQ, value: head });
  }

  /** The device writes an EventIdx word. */
  sqEventIdx(qid: number, index: number): this {
    return this.add('eventidx', { queue: qid, side: SIDE_SQ, value: index });
  }

  cqEventIdx(qid: number, index: number): this {
    return this.add('eventidx', { queue: qid, side: SIDE_CQ, value: index });
  }

  setup(qid: number, cid: number): this {
    return this.add('command.setup', { queue: qid, cid, opcode: READ });
  }

  fetch(qid: number, cid: number, opcode = READ): this {
    return this.add('command.fetch', { queue: qid, cid, opcode });
  }

  range(cid: number, slba: number, blocks: number): this {
    return this.add('command.range', { cid, value: slba, extra: blocks });
  }

  complete(cq: number, cid: number, status = 0): this {
    return this.add('command.complete', { queue: cq, side: SIDE_CQ, cid, status });
  }

  reap(qid: number, cid: number, status = 0): this {
    return this.add('command.reap', { queue: qid, cid, status });
  }

  interrupt({ vector = NaN, queue = ABSENT, how = INTERRUPT_MSIX }: InterruptOptions = {}): this {
    return this.add('interrupt', { queue, value: vector, extra: how });
  }

  /** Doorbell Buffer Config succeeded. */
  shadowOn(): this {
    return this.add('dbbuf.config', {});
  }

  reset(): this {
    return this.add('controller.reset', {});
  }

  enable(sqDepth = NaN, cqDepth = sqDepth): this {
    return this.add('controller.enable', { value: sqDepth, extra: cqDepth });
  }

  /** Writes the events. */
  play(consume: BatchConsumer, capacity = 4): void {
    writeEvents(this.events, consume, capacity);
  }

  private add(kind: KindName, columns: Partial<PlainEvent>): this {
    this.events.push({
      kind: KIND[kind],
      timeNs: this.timeless ? NaN : this.nextNs,
      thread: ABSENT,
      controller: this.controller,
      queue: ABSENT,
      side: ABSENT,
      cid: ABSENT,
      opcode: ABSENT,
      status: ABSENT,
      value: NaN,
      extra: NaN,
      place: this.events.length + 1,
      ...columns,
    });
    this.nextNs += 1;
    return this;
  }
}
