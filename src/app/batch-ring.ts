// Batches of events on their way from one thread to another: a ring of slots in shared memory. The writer waits while
// all slots are taken, so that memory stays bounded by their number, however slow the reader is.

import { BATCH_ROWS, EventBatch } from '../trace/batch.js';

/** Enough for the reader to find work whenever it asks, few enough to stay in a processor's cache: 848 KiB. */
const SLOTS = 4;

/** What the two ends share; goes to the other thread as it is. */
export interface RingMemory {
  /** One count: batches that the reader has done with. */
  readonly taken: SharedArrayBuffer;
  readonly slots: readonly SharedArrayBuffer[];
}

export function ringMemory(): RingMemory {
  return {
    taken: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
    slots: Array.from({ length: SLOTS }, () => new SharedArrayBuffer(EventBatch.bytesOf(BATCH_ROWS))),
  };
}

function batchesIn(memory: RingMemory): readonly EventBatch[] {
  return memory.slots.map((slot) => new EventBatch(BATCH_ROWS, slot));
}

/** The writing end. The thread that has it must be one that may wait: not the main thread of a program. */
export class RingWriter {
  private readonly batches: readonly EventBatch[];
  private readonly taken: Int32Array;
  private written = 0;

  constructor(memory: RingMemory) {
    this.batches = batchesIn(memory);
    this.taken = new Int32Array(memory.taken);
  }

  /** Copies a batch into the next slot, as soon as it is free. The caller tells the reader how many rows there are. */
  put(batch: EventBatch): void {
    // The counts may wrap around: what matters is their difference.
    for (;;) {
      const taken = Atomics.load(this.taken, 0);
      if (((this.written - taken) | 0) < this.batches.length) break;
      Atomics.wait(this.taken, 0, taken);
    }
    this.batches[(this.written >>> 0) % this.batches.length]!.copyFrom(batch);
    this.written = (this.written + 1) | 0;
  }
}

/** The reading end. */
export class RingReader {
  private readonly batches: readonly EventBatch[];
  private readonly taken: Int32Array;

  constructor(memory: RingMemory) {
    this.batches = batchesIn(memory);
    this.taken = new Int32Array(memory.taken);
  }

  /** Hands the next batch, which has been put and has so many rows, to `consume`; then its slot is free. */
  take(rows: number, consume: (batch: EventBatch) => void): void {
    const batch = this.batches[(Atomics.load(this.taken, 0) >>> 0) % this.batches.length]!;
    batch.length = rows;
    consume(batch);
    Atomics.add(this.taken, 0, 1);
    Atomics.notify(this.taken, 0);
  }
}
