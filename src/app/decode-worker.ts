// The decoding thread: loads, waits for its job, does it and ends. Started by decode-thread.ts.

import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { ensure } from '../base/assert.js';
import { RingWriter } from './batch-ring.js';
import { failureOf } from './decode-messages.js';
import type { DecodeMessage, DecodeOrder } from './decode-messages.js';
import { decodeHere } from './decoding.js';

/** A chunk takes a millisecond or so: progress is told less often, since nothing holds the messages back. */
const PROGRESS_INTERVAL_MS = 20;

const port = ensure(parentPort, 'port of the thread that waits for the events');
const [{ job, ring }] = (await once(port, 'message')) as [DecodeOrder];

function tell(message: DecodeMessage): void {
  port.postMessage(message);
}

const writer = new RingWriter(ring);
let toldAtMs = -Infinity;
try {
  const decoded = await decodeHere(job, {
    onBatch(batch) {
      writer.put(batch);
      tell({ is: 'events', rows: batch.length });
    },
    onProgress(progress) {
      const nowMs = performance.now();
      if (nowMs - toldAtMs < PROGRESS_INTERVAL_MS) return;
      toldAtMs = nowMs;
      tell({ is: 'progress', progress });
    },
  });
  tell({ is: 'decoded', decoded });
} catch (error) {
  tell({ is: 'failed', failure: failureOf(error) });
}
