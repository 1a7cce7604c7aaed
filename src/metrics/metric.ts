// The protocol of a metric: one pass over events, state of its own, a plain result.
// A metric never learns whether its events come from a recording or from a replay.

import type { EventBatch } from '../trace/batch.js';

export interface Metric<Result> {
  /** Takes the rows of a batch, which is valid only during the call. Batches come in trace order. */
  push(batch: EventBatch): void;
  /** The result over all rows pushed so far. */
  result(): Result;
}
