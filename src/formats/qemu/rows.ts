// Normalized events of QEMU's device, row by row: which argument goes into which column. Each returns true: there is an event.

import type { EventWriter } from '../../trace/batch.js';
import { KIND, SIDE_CQ } from '../../trace/event.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeTarget } from '../format.js';
import type { Stamp } from '../stamp.js';

export class DeviceRows {
  private readonly writer: EventWriter;
  private readonly tally: Tally;
  private readonly controller: number;

  constructor({ writer, tally }: DecodeTarget, controller: number) {
    this.writer = writer;
    this.tally = tally;
    this.controller = controller;
  }

  plain(kind: number, value: number, extra: number, stamp: Stamp): true {
    const row = this.add(kind, stamp);
    this.writer.batch.value[row] = value;
    this.writer.batch.extra[row] = extra;
    return true;
  }

  queueValue(kind: number, side: number, qid: number, value: number, stamp: Stamp): true {
    const row = this.add(kind, stamp);
    const batch = this.writer.batch;
    batch.queue[row] = qid;
    batch.side[row] = side;
    batch.value[row] = value;
    return true;
  }

  fetch(args: Float64Array, stamp: Stamp): true {
    const row = this.add(KIND['command.fetch'], stamp);
    const batch = this.writer.batch;
    batch.queue[row] = args[0]!;
    batch.cid[row] = args[1]!;
    batch.opcode[row] = args[2]!;
    return true;
  }

  /** The `rw` of QEMU 5.1 and older names no command, so nothing can be said about one. */
  range(args: Float64Array, stamp: Stamp): boolean {
    if (Number.isNaN(args[0])) return false;
    const row = this.add(KIND['command.range'], stamp);
    const batch = this.writer.batch;
    batch.cid[row] = args[0]!;
    batch.value[row] = args[1]!;
    batch.extra[row] = args[2]!;
    return true;
  }

  complete(args: Float64Array, stamp: Stamp): true {
    const row = this.add(KIND['command.complete'], stamp);
    const batch = this.writer.batch;
    batch.queue[row] = args[0]!;
    batch.side[row] = SIDE_CQ;
    batch.cid[row] = args[1]!;
    batch.status[row] = args[2]!;
    return true;
  }

  interrupt(how: number, vector: number, stamp: Stamp): true {
    return this.plain(KIND.interrupt, vector, how, stamp);
  }

  /** QEMU prints the queue's size field, which counts from 0. */
  create(side: number, args: Float64Array, extra: number, adminCid: number, stamp: Stamp): true {
    const row = this.add(KIND['queue.create'], stamp);
    const batch = this.writer.batch;
    batch.queue[row] = args[0]!;
    batch.side[row] = side;
    batch.cid[row] = adminCid;
    batch.value[row] = args[1]! + 1;
    batch.extra[row] = extra;
    return true;
  }

  remove(side: number, qid: number, stamp: Stamp): true {
    const row = this.add(KIND['queue.delete'], stamp);
    this.writer.batch.queue[row] = qid;
    this.writer.batch.side[row] = side;
    return true;
  }

  private add(kind: number, stamp: Stamp): number {
    const row = this.writer.add(kind, stamp.timeNs);
    const batch = this.writer.batch;
    batch.thread[row] = stamp.thread;
    batch.controller[row] = this.controller;
    batch.place[row] = stamp.place;
    this.tally.events += 1;
    return row;
  }
}
