// The two pages that Doorbell Buffer Config shares between driver and device. [NVMe-2.0] 5.8
// Words are addressed as in the pages themselves: index 2 * qid for the SQ, 2 * qid + 1 for the CQ (stride 4 bytes).
// Replays are sequentially consistent: a store is visible at once. Store buffers belong to the verifier.

import { shadowOffset, type Side } from '../nvme/doorbell.js';

const WORD_BYTES = 4;

/** Shadow doorbell and EventIdx words of a controller, all zero at first, as the driver allocates them. */
export class DoorbellBuffers {
  /** Written by the driver. */
  readonly shadow: Uint32Array;
  /** Written by the device. */
  readonly eventIdx: Uint32Array;

  /** Makes room for queues 0 .. maxQid. */
  constructor(maxQid: number) {
    this.shadow = new Uint32Array(2 * (maxQid + 1));
    this.eventIdx = new Uint32Array(2 * (maxQid + 1));
  }
}

/** Index of a queue side's word in either page. */
export function wordIndex(qid: number, side: Side): number {
  return shadowOffset(qid, side) / WORD_BYTES;
}
