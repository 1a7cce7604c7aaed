// Decodes in a thread of its own, while this one works on the events: two cores for one capture.
// Started from the build only: Node can't run decode-worker.ts as TypeScript.

import { on } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { unreachable } from '../base/assert.js';
import { RingReader, ringMemory } from './batch-ring.js';
import { errorOf } from './decode-messages.js';
import type { DecodeMessage, DecodeOrder } from './decode-messages.js';
import { decodeHere } from './decoding.js';
import type { DecodeCapture, DecodedCapture, DecodeJob, DecodeSink } from './decoding.js';

/**
 * Smaller files are decoded here: a thread takes 0.2 s to start. Plain text of this size is done before that, compressed
 * text of this size (800,000 lines or so) takes as long either way, and the size doesn't tell which it is.
 */
const MIN_THREAD_BYTES = 4 * 1024 ** 2;

/**
 * Decodes large files in another thread, everything else here. Pipes and standard input are decoded here because they
 * gain nothing measurable: whoever writes to them needs the second core.
 */
export const decodeInThread: DecodeCapture = async (job, sink, signal) => {
  const isLarge = job.storedBytes !== undefined && job.storedBytes >= MIN_THREAD_BYTES;
  return isLarge ? decodeByWorker(job, sink, signal) : decodeHere(job, sink, signal);
};

async function decodeByWorker(job: DecodeJob, sink: DecodeSink, signal: AbortSignal | undefined): Promise<DecodedCapture> {
  const ring = ringMemory();
  const reader = new RingReader(ring);
  const order: DecodeOrder = { job, ring };
  const worker = new Worker(new URL('decode-worker.js', import.meta.url), { workerData: order });
  try {
    for await (const [message] of on(worker, 'message', { close: ['exit'], ...(signal === undefined ? {} : { signal }) })) {
      const decoded = take(message as DecodeMessage, reader, sink);
      if (decoded !== undefined) return decoded;
      // Messages alone would keep the event loop in one place: this lets signals and timers through.
      await setImmediate();
    }
    throw new Error('internal error: the decoding thread ended without a result');
  } finally {
    // At once, also when it waits for a free slot.
    void worker.terminate();
  }
}

/** Does what a message asks for; returns the outcome if it is the last one, and throws it if it is an error. */
function take(message: DecodeMessage, reader: RingReader, sink: DecodeSink): DecodedCapture | undefined {
  switch (message.is) {
    case 'events':
      reader.take(message.rows, sink.onBatch);
      return undefined;
    case 'progress':
      sink.onProgress(message.progress);
      return undefined;
    case 'decoded':
      return message.decoded;
    case 'failed':
      throw errorOf(message.failure);
    default:
      return unreachable(message);
  }
}
