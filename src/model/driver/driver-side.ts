// The driver's side of a queue pair: submission, announcement, completion pass.
// [LINUX drivers/nvme/host/pci.c] nvme_sq_copy_cmd, nvme_write_sq_db, nvme_dbbuf_update_and_check_event,
// nvme_poll_cq (one announcement of the CQ head per pass).

import { fail } from '../../base/assert.js';
import type { Side } from '../../nvme/doorbell.js';
import { advance } from '../../nvme/ring.js';
import { type QueuePair, cidAt } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';
import type { DriverModel } from './driver.js';
import type { DriverMemory } from './driver-memory.js';

/** What became of an announcement. */
export type Announced = 'nothing new' | 'suppressed' | 'ring';

export interface DriverSideOptions {
  readonly model: DriverModel;
  readonly memory: DriverMemory;
  readonly recorder: Recorder;
}

export class DriverSide {
  private readonly options: DriverSideOptions;
  /** Queues with submissions that aren't announced, for a driver that delays them. */
  private readonly unannounced = new Set<QueuePair>();

  constructor(options: DriverSideOptions) {
    this.options = options;
  }

  /**
   * How many of the next `batch` commands go into the queue before the tail must be announced: one for a driver that doesn't
   * batch. One that does postpones while the tail wouldn't meet the value announced last, that is up to depth - 1 commands.
   */
  unit(pair: QueuePair, batch: number): number {
    const { batched, batchLimit = batch } = this.options.model;
    return batched ? Math.min(batch, batchLimit, pair.sqDepth - 1) : 1;
  }

  /** Builds `count` commands and announces them at once, or later. */
  submit(pair: QueuePair, count: number, nowNs: number): Announced {
    const { model, recorder } = this.options;
    if (pair.submitted + count - pair.reaped >= pair.sqDepth) fail(`queue ${pair.qid}: more commands than entries`);
    for (let i = 0; i < count; i++) recorder.setup(pair.qid, cidAt(pair.submitted + i), nowNs);
    pair.submitted += count;
    pair.sqTail = advance(pair.sqTail, count, pair.sqDepth);
    if (model.delaysAnnouncements === true) {
      this.unannounced.add(pair);
      return 'nothing new';
    }
    return this.announce(pair, 'sq', pair.sqTail, nowNs);
  }

  /** Of a batch of `count` commands that was submitted last: the position of the one that was submitted last to the driver. */
  lastOfBatch(pair: QueuePair, count: number): number {
    return this.options.model.reversesBatches === true ? pair.submitted - count : pair.submitted - 1;
  }

  /** Announces what a driver that delays it has submitted; it then looks for completions. */
  flush(pair: QueuePair, nowNs: number): Announced {
    return this.unannounced.delete(pair) ? this.announce(pair, 'sq', pair.sqTail, nowNs) : 'nothing new';
  }

  /** Whether a pass leaves completions for the next announcement. */
  leavesSome(pair: QueuePair): boolean {
    return this.options.model.cqBatch !== undefined && pair.posted > pair.reaped;
  }

  /** Consumes the posted completions, as many as one announcement covers, and announces the new head, if it moved. */
  reap(pair: QueuePair, nowNs: number): Announced {
    const found = Math.min(pair.posted - pair.reaped, this.options.model.cqBatch ?? Infinity);
    if (found === 0) return 'nothing new';
    for (let i = 0; i < found; i++) this.options.recorder.reap(pair.qid, cidAt(pair.reaped + i), nowNs);
    pair.reaped += found;
    pair.cqHead = advance(pair.cqHead, found, pair.cqDepth);
    return this.announce(pair, 'cq', pair.cqHead, nowNs);
  }

  /** Publishes a queue side's new value by the model's steps, which say whether the register must be written too. */
  private announce(pair: QueuePair, side: Side, value: number, nowNs: number): Announced {
    const { memory, model } = this.options;
    pair.announced(side, nowNs);
    if (!memory.begin(pair, side, nowNs)) return 'ring';
    let old = 0;
    let eventIdx = 0;
    let rings = false;
    for (const step of model.announce) {
      if (step === 'load-old') old = memory.loadOld();
      else if (step === 'store-shadow') memory.store(value, nowNs);
      else if (step === 'full-barrier') memory.drain(nowNs);
      else if (step === 'load-eventidx') eventIdx = memory.loadEventIdx();
      else if (step === 'ring-if-needed') rings = model.ringNeeded(eventIdx, value, old);
    }
    memory.end();
    // A register write leaves the store buffer behind everything that was stored before it.
    if (rings) memory.drain(nowNs);
    return rings ? 'ring' : 'suppressed';
  }
}
