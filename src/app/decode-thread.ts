// Decodes in a thread of its own, while this one works on the events: two cores for one capture.
// Started from the build only: Node can't run decode-worker.ts as TypeScript.

import { on } from 'node:events';
import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { unreachable } from '../base/assert.js';
import { RingReader, ringMemory } from './batch-ring.js';
import { errorOf } from './decode-messages.js';
import type { DecodeMessage, DecodeOrder } from './decode-messages.js';
import type { DecodeCapture, DecodedCapture, DecodeJob, DecodeSink } from './decoding.js';

/**
 * Smaller files are decoded here: a thread takes 0.2 s to start. Plain text of this size is done before that, compressed
 * text of this size (800,000 lines or so) takes as long either way, and the size doesn't tell which it is.
 */
const MIN_THREAD_BYTES = 4 * 1024 ** 2;

/** Decodes large files in other threads, everything else here. */
export class ThreadedDecoder {
  private standingBy: Worker | undefined;

  /** Starts a thread if one of the files will be worth it: it loads while the caller gets ready for events. */
  standByFor(paths: readonly string[]): void {
    if (this.standingBy !== undefined || !paths.some(isLargeFile)) return;
    this.standingBy = start();
    // The process may end without having had use for it.
    this.standingBy.unref();
  }

  /**
   * Pipes and standard input are decoded here because they gain nothing measurable: whoever writes to them needs the
   * second core.
   */
  readonly decode: DecodeCapture = async (job, sink, signal) => {
    if (job.storedBytes !== undefined && job.storedBytes >= MIN_THREAD_BYTES) return decodeBy(this.thread(), job, sink, signal);
    const { decodeHere } = await import('./decoding.js');
    return decodeHere(job, sink, signal);
  };

  private thread(): Worker {
    const worker = this.standingBy ?? start();
    this.standingBy = undefined;
    worker.ref();
    return worker;
  }
}

/** Whatever is wrong with a path is said where the file is read. */
function isLargeFile(path: string): boolean {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size >= MIN_THREAD_BYTES;
  } catch {
    return false;
  }
}

function start(): Worker {
  return new Worker(new URL('decode-worker.js', import.meta.url));
}

async function decodeBy(worker: Worker, job: DecodeJob, sink: DecodeSink, signal: AbortSignal | undefined): Promise<DecodedCapture> {
  const ring = ringMemory();
  const reader = new RingReader(ring);
  const order: DecodeOrder = { job, ring };
  // The slots are shared, and nothing is moved.
  worker.postMessage(order, []);
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
