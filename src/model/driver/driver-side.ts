// The driver's side of a queue pair: submission, announcement, completion pass.
// [LINUX drivers/nvme/host/pci.c] nvme_sq_copy_cmd, nvme_write_sq_db, nvme_dbbuf_update_and_check_event,
// nvme_poll_cq (one announcement of the CQ head per pass).

import { assert } from '../../base/assert.js';
import type { Side } from '../../nvme/doorbell.js';
import { advance } from '../../nvme/ring.js';
import type { DoorbellBuffers } from '../memory.js';
import { type QueuePair, cidAt } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';
import type { DriverModel } from './driver.js';

/** What became of an announcement. */
export type Announced = 'nothing new' | 'suppressed' | 'ring';

export class DriverSide {
  private readonly model: DriverModel;
  private readonly buffers: DoorbellBuffers | undefined;
  private readonly recorder: Recorder;
  private readonly stored: (pair: QueuePair, side: Side, nowNs: number) => void;

  /**
   * @param buffers undefined: no shadow doorbells, every announcement is a register write
   * @param stored called after each store to a shadow doorbell
   */
  constructor(model: DriverModel, buffers: DoorbellBuffers | undefined, recorder: Recorder, stored: DriverSide['stored']) {
    this.stored = stored;
    this.model = model;
    this.buffers = buffers;
    this.recorder = recorder;
  }

  /**
   * How many of the next `batch` commands go into the queue before the tail must be announced: one for a driver that
   * doesn't batch; all for one that does, as a batch never fills the queue to its last entry.
   */
  unit(batch: number): number {
    return this.model.batched ? Math.min(batch, this.model.batchLimit ?? batch) : 1;
  }

  /** Builds `count` commands and announces them at once. */
  submit(pair: QueuePair, count: number, nowNs: number): Announced {
    assert(pair.submitted + count - pair.reaped < pair.sqDepth, `queue ${pair.qid}: more commands than entries`);
    for (let i = 0; i < count; i++) this.recorder.setup(pair.qid, cidAt(pair.submitted + i), nowNs);
    pair.submitted += count;
    pair.sqTail = advance(pair.sqTail, count, pair.sqDepth);
    return this.announce(pair, 'sq', pair.sqTail, nowNs);
  }

  /** Whether a pass leaves completions for the next announcement. */
  leavesSome(pair: QueuePair): boolean {
    return this.model.cqBatch !== undefined && pair.posted > pair.reaped;
  }

  /** Consumes the posted completions, as many as one announcement covers, and announces the new head, if it moved. */
  reap(pair: QueuePair, nowNs: number): Announced {
    const found = Math.min(pair.posted - pair.reaped, this.model.cqBatch ?? Infinity);
    if (found === 0) return 'nothing new';
    for (let i = 0; i < found; i++) this.recorder.reap(pair.qid, cidAt(pair.reaped + i), nowNs);
    pair.reaped += found;
    pair.cqHead = advance(pair.cqHead, found, pair.cqDepth);
    return this.announce(pair, 'cq', pair.cqHead, nowNs);
  }

  /** Publishes a queue side's new value by the model's steps, which say whether the register must be written too. */
  private announce(pair: QueuePair, side: Side, value: number, nowNs: number): Announced {
    const { buffers, model } = this;
    if (buffers === undefined) return 'ring';
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
    this.stored(pair, side, nowNs);
    return rings ? 'ring' : 'suppressed';
  }
}
