// The driver's side of a queue pair: submission, announcement, completion pass.
// [LINUX drivers/nvme/host/pci.c] nvme_sq_copy_cmd, nvme_write_sq_db, nvme_dbbuf_update_and_check_event,
// nvme_poll_cq (one announcement of the CQ head per pass).

import { advance } from '../../nvme/ring.js';
import type { Side } from '../../nvme/doorbell.js';
import { assert } from '../../base/assert.js';
import type { Bus } from '../bus.js';
import type { Costs } from '../costs.js';
import type { DoorbellBuffers } from '../memory.js';
import { type QueuePair, cidAt } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';
import type { DriverModel } from './driver.js';

export interface DriverOptions {
  readonly model: DriverModel;
  /** Undefined: no shadow doorbells, every announcement is a register write. */
  readonly buffers: DoorbellBuffers | undefined;
  readonly bus: Bus;
  readonly costs: Costs;
  readonly recorder: Recorder;
}

/** Runs a driver model. Its methods happen at one instant and return the vCPU's time in ns. */
export class DriverSide {
  private readonly options: DriverOptions;

  constructor(options: DriverOptions) {
    this.options = options;
  }

  /** Builds `count` commands (at most depth - 1 outstanding) and announces them. */
  submit(pair: QueuePair, count: number, nowNs: number): number {
    assert(pair.submitted + count - pair.reaped < pair.sqDepth, `queue ${pair.qid}: more commands than entries`);
    const { model, recorder } = this.options;
    let spentNs = 0;
    for (let i = 0; i < count; i++) {
      recorder.setup(pair.qid, cidAt(pair.submitted), nowNs);
      pair.submitted += 1;
      pair.sqTail = advance(pair.sqTail, 1, pair.sqDepth);
      const last = i === count - 1;
      // A batched doorbell may be postponed only while one more entry could be filled without lapping it.
      const mayWait = model.batched && !last && advance(pair.sqTail, 1, pair.sqDepth) !== pair.announcedTail;
      if (mayWait) continue;
      spentNs += this.announce(pair, 'sq', pair.sqTail, nowNs);
      pair.announcedTail = pair.sqTail;
    }
    return spentNs;
  }

  /** Consumes every posted completion and announces the new head, if it moved. Returns the time only. */
  reap(pair: QueuePair, nowNs: number): number {
    const found = pair.posted - pair.reaped;
    if (found === 0) return 0;
    for (let i = 0; i < found; i++) this.options.recorder.reap(pair.qid, cidAt(pair.reaped + i), nowNs);
    pair.reaped += found;
    pair.cqHead = advance(pair.cqHead, found, pair.cqDepth);
    return this.announce(pair, 'cq', pair.cqHead, nowNs);
  }

  /** Publishes a queue side's new value by the model's steps; rings the register if they say so. */
  private announce(pair: QueuePair, side: Side, value: number, nowNs: number): number {
    const { buffers, bus, costs, model } = this.options;
    if (buffers === undefined) return bus.ring(pair, side, value, nowNs);
    const word = side === 'sq' ? pair.sqWord : pair.cqWord;
    let old = 0;
    let eventIdx = 0;
    let rings = false;
    for (const step of model.announce) {
      if (step === 'load-old') old = buffers.shadow[word]! & 0xffff;
      else if (step === 'store-shadow') buffers.shadow[word] = value;
      else if (step === 'load-eventidx') eventIdx = buffers.eventIdx[word]! & 0xffff;
      else if (step === 'ring-if-needed') rings = model.ringNeeded(eventIdx, value, old);
    }
    return costs.shadowUpdateNs + (rings ? bus.ring(pair, side, value, nowNs) : 0);
  }
}
