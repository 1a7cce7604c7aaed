// Decodes in a thread of its own, while this one works on the events: two cores for one capture.
// Started from the build only: Node can't run decode-worker.ts as TypeScript.

import { on } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ensure, unreachable } from '../base/assert.js';
import { STDIN } from '../formats/source.js';
import { COMMAND_CELLS, CommandBatch } from '../trace/command-batch.js';
import { RingReader, ringMemory } from './batch-ring.js';
import { errorOf } from './decode-messages.js';
import type { DecodeMessage, DecodeOrder } from './decode-messages.js';
import { decodeHere } from './decoding.js';
import type { DecodeCapture, DecodedCapture, DecodeJob, DecodeSink } from './decoding.js';

/** Files below this size are decoded here: a thread takes 0.1 s to start, in which they are done. */
const MIN_THREAD_BYTES = 4 * 1024 ** 2;

/** Decodes in another thread, except small files. */
export const decodeInThread: DecodeCapture = async (job, sink, signal) => {
  if (job.storedBytes !== undefined && job.storedBytes < MIN_THREAD_BYTES) return decodeHere(job, sink, signal);
  return decodeByWorker(job, sink, signal);
};

async function decodeByWorker(job: DecodeJob, sink: DecodeSink, signal: AbortSignal | undefined): Promise<DecodedCapture> {
  const ring = ringMemory();
  const reader = new RingReader(ring);
  const order: DecodeOrder = { job, ring };
  const readsStdin = job.path === STDIN;
  const worker = new Worker(new URL('decode-worker.js', import.meta.url), { workerData: order, stdin: readsStdin });
  // Only the main thread can read standard input; the worker's own is what is written here.
  if (readsStdin) process.stdin.pipe(ensure(worker.stdin, 'standard input of the decoding thread'));
  try {
    for await (const [message] of on(worker, 'message', { close: ['exit'], ...(signal === undefined ? {} : { signal }) })) {
      const decoded = take(message as DecodeMessage, reader, sink);
      if (decoded !== undefined) return decoded;
      // Messages alone would keep the event loop in one place: this lets signals and timers through.
      await setImmediate();
    }
    throw new Error('internal error: the decoding thread ended without a result');
  } finally {
    if (readsStdin) process.stdin.destroy();
    // At once, also when it waits for input that never comes or for a free slot.
    void worker.terminate();
  }
}

/** Does what a message asks for; returns the outcome if it is the last one, and throws it if it is an error. */
function take(message: DecodeMessage, reader: RingReader, sink: DecodeSink): DecodedCapture | undefined {
  switch (message.is) {
    case 'events':
      reader.take(message.rows, sink.onBatch);
      return undefined;
    case 'commands': {
      const batch = new CommandBatch(message.cells);
      batch.length = message.cells.length / COMMAND_CELLS;
      sink.onCommands(batch);
      return undefined;
    }
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
