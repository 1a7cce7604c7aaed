// How a use case has a capture decoded: a job of plain values, events and progress on the way, the outcome at the end.
// Here in the thread that calls; decode-thread.ts does the same in a thread of its own.

import type { MmioOptions } from '../formats/bar.js';
import { decodeSource } from '../formats/decode.js';
import type { DecodeProgress } from '../formats/decode.js';
import type { DecodeSummary, NamedText } from '../formats/format.js';
import { openSource } from '../formats/source.js';
import { EventWriter } from '../trace/batch.js';
import type { BatchConsumer } from '../trace/batch.js';
import { Tally } from '../trace/tally.js';
import type { TallyTotals } from '../trace/tally.js';
import { namedFormat } from './named-format.js';

/** A capture to decode. Plain values, which can go to another thread. */
export interface DecodeJob {
  /** A file, a pipe, or "-" for standard input. */
  readonly path: string;
  /** Size in bytes as stored; undefined when it can be read only once: standard input, a pipe. */
  readonly storedBytes: number | undefined;
  /** As for namedFormat(); found by content without it. */
  readonly format: string | undefined;
  readonly eventsFile: NamedText | undefined;
  readonly mmio: MmioOptions;
  /** Refuse a source with more bytes than this after decompression. */
  readonly maxBytes: number | undefined;
}

/** What is told on the way. What these functions throw ends the decoding. */
export interface DecodeSink {
  /** The events in their order; a batch is valid only during the call. */
  readonly onBatch: BatchConsumer;
  readonly onProgress: (progress: DecodeProgress) => void;
}

/** What a capture came to, when all of its events have been handed on. Plain values. */
export interface DecodedCapture {
  /** Id of the format that it was read as. */
  readonly format: string;
  /** Why the format was chosen; undefined when it was given. */
  readonly evidence: string | undefined;
  readonly summary: DecodeSummary;
  /** Of the source as stored, in hexadecimal. */
  readonly sha256: string;
  /** Size of the source as stored. */
  readonly bytes: number;
  readonly tally: TallyTotals;
}

/**
 * Decodes a capture to its end. Throws input errors and usage errors of openSource(), decodeSource() and namedFormat().
 * When the signal is aborted it may end early, in whatever way: the caller doesn't wait for it any more.
 */
export type DecodeCapture = (job: DecodeJob, sink: DecodeSink, signal?: AbortSignal) => Promise<DecodedCapture>;

/** Decodes in the thread that calls. */
export const decodeHere: DecodeCapture = async (job, sink, signal) => {
  const tally = new Tally();
  const source = await openSource(job.path, { maxBytes: job.maxBytes, signal });
  const { format, detection, summary, sha256, bytes } = await decodeSource(source, {
    format: await namedFormat(job.format),
    eventsFile: job.eventsFile,
    mmio: job.mmio,
    writer: new EventWriter(sink.onBatch),
    tally,
    onProgress: sink.onProgress,
  });
  return { format: format.id, evidence: detection?.evidence, summary, sha256, bytes, tally: tally.totals };
};
