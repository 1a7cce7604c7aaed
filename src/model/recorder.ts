// The recorder: writes what happens in the model as normalized events, the same that importers produce.
// It records both views at once, the driver's (setup, reap) and the device's.

import type { Side } from '../nvme/doorbell.js';
import { IO_OPCODES } from '../nvme/opcodes.js';
import type { EventWriter } from '../trace/batch.js';
import { INTERRUPT_MSIX, KIND, SIDE_CQ, SIDE_SQ } from '../trace/event.js';
import type { QueuePair } from './queue-pair.js';

/** The model doesn't look into commands: each is recorded as a read. */
const OPCODE = IO_OPCODES.READ;

export class Recorder {
  private readonly writer: EventWriter;

  private readonly deviceOnly: boolean;

  /** @param deviceOnly leave out what only the driver can see: set-up and reaping of commands */
  constructor(writer: EventWriter, deviceOnly = false) {
    this.writer = writer;
    this.deviceOnly = deviceOnly;
  }

  /** The queues exist from now on. */
  created(pairs: readonly QueuePair[], nowNs: number): void {
    for (const pair of pairs) {
      this.queue(pair.qid, SIDE_CQ, pair.cqDepth, pair.qid, nowNs);
      this.queue(pair.qid, SIDE_SQ, pair.sqDepth, pair.qid, nowNs);
    }
  }

  /** Doorbell Buffer Config succeeded. */
  configured(nowNs: number): void {
    this.writer.add(KIND['dbbuf.config'], nowNs);
  }

  controllerReset(nowNs: number): void {
    this.writer.add(KIND['controller.reset'], nowNs);
  }

  enabled(nowNs: number): void {
    this.writer.add(KIND['controller.enable'], nowNs);
  }

  setup(qid: number, cid: number, nowNs: number): void {
    if (this.deviceOnly) return;
    const row = this.command(KIND['command.setup'], qid, cid, nowNs);
    this.writer.batch.opcode[row] = OPCODE;
  }

  fetch(qid: number, cid: number, nowNs: number): void {
    const row = this.command(KIND['command.fetch'], qid, cid, nowNs);
    this.writer.batch.opcode[row] = OPCODE;
  }

  complete(qid: number, cid: number, nowNs: number): void {
    const row = this.command(KIND['command.complete'], qid, cid, nowNs);
    this.writer.batch.side[row] = SIDE_CQ;
    this.writer.batch.status[row] = 0;
  }

  reap(qid: number, cid: number, nowNs: number): void {
    if (this.deviceOnly) return;
    const row = this.command(KIND['command.reap'], qid, cid, nowNs);
    this.writer.batch.status[row] = 0;
  }

  mmio(qid: number, side: Side, value: number, nowNs: number): void {
    this.doorbell(KIND['doorbell.mmio'], qid, side, value, nowNs);
  }

  shadowRead(qid: number, side: Side, value: number, nowNs: number): void {
    this.doorbell(KIND['doorbell.shadow'], qid, side, value, nowNs);
  }

  eventIdx(qid: number, side: Side, value: number, nowNs: number): void {
    this.doorbell(KIND.eventidx, qid, side, value, nowNs);
  }

  interrupt(qid: number, nowNs: number): void {
    const row = this.writer.add(KIND.interrupt, nowNs);
    const { batch } = this.writer;
    batch.queue[row] = qid;
    batch.value[row] = qid;
    batch.extra[row] = INTERRUPT_MSIX;
  }

  private command(kind: number, qid: number, cid: number, nowNs: number): number {
    const row = this.writer.add(kind, nowNs);
    this.writer.batch.queue[row] = qid;
    this.writer.batch.cid[row] = cid;
    return row;
  }

  private doorbell(kind: number, qid: number, side: Side, value: number, nowNs: number): void {
    const row = this.writer.add(kind, nowNs);
    const { batch } = this.writer;
    batch.queue[row] = qid;
    batch.side[row] = side === 'cq' ? SIDE_CQ : SIDE_SQ;
    batch.value[row] = value;
  }

  private queue(qid: number, side: number, depth: number, extra: number, nowNs: number): void {
    const row = this.writer.add(KIND['queue.create'], nowNs);
    const { batch } = this.writer;
    batch.queue[row] = qid;
    batch.side[row] = side;
    batch.value[row] = depth;
    batch.extra[row] = extra;
  }
}
