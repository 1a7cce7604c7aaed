// The loop of a follow: read what is there, decode it, and at intervals make a checkpoint of the trace so far.

import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { storeError } from '../base/errors.js';
import { QUIET } from '../formats/growing.js';
import type { GrowingSource, SourceEnd } from '../formats/growing.js';
import { LiveDecoder } from '../formats/live-decoder.js';
import type { LiveOptions } from '../formats/live-decoder.js';
import { MAX_SOURCE_BYTES } from '../formats/source.js';
import { EventWriter } from '../trace/batch.js';
import { Tally, missingRecords } from '../trace/tally.js';
import { Analyst } from './analysis.js';
import type { TraceSoFar } from './commit-trace.js';
import { GrowingTrace } from './growing-trace.js';
import { keepKnown, traceOfSource } from './ingest.js';
import type { IngestOptions, IngestResult } from './ingest.js';
import { refuseUnusable } from './ingest-limits.js';
import { interruptedError } from './interrupt.js';
import type { LazyStore } from './lazy-store.js';
import { traceReport } from './trace-report.js';

/** Why a follow ended. */
export type FollowEnd = SourceEnd | 'interrupted' | 'idle' | 'size limit';

export interface FollowProgress {
  readonly bytes: number;
  readonly records: number;
  /** Rows of events. */
  readonly events: number;
  /** Records per second in the last interval. */
  readonly recordsPerSecond: number;
}

export interface FollowOptions extends Omit<IngestOptions, 'decode' | 'onProgress' | 'onTrace'> {
  /** Time between two checkpoints, in ms. */
  readonly intervalMs: number;
  /** End after this time without a new byte, in ms; never without it. */
  readonly idleMs?: number | undefined;
  readonly onProgress?: ((progress: FollowProgress) => void) | undefined;
}

export interface FollowResult extends IngestResult {
  readonly ended: FollowEnd;
}

/** Between two attempts to write to a busy store. */
const BUSY_PAUSE_MS = 100;
/** How long the last checkpoint waits for a busy store. */
const LAST_CHECKPOINT_MS = 60_000;
/** After an interrupt, what is on its way in a pipe is still read: until nothing comes for the first time, for at most the second. */
const DRAIN_QUIET_MS = 50;
const DRAIN_MS = 1000;

/** One source on its way into the store. */
export class Following {
  private readonly path: string;
  private readonly source: GrowingSource;
  private readonly stores: LazyStore;
  private readonly options: FollowOptions;
  private readonly trace: GrowingTrace;
  private readonly tally = new Tally();
  private readonly analyst: Analyst;
  private readonly writer: EventWriter;
  private readonly decoder: LiveDecoder;
  /** Bytes that the last checkpoint covers. */
  private keptBytes = 0;
  /** When the last interval ended, and how many records there were. */
  private lastMs = performance.now();
  private lastRecords = 0;
  private recordsPerSecond = 0;

  constructor(path: string, source: GrowingSource, stores: LazyStore, options: FollowOptions, reading: Omit<LiveOptions, 'writer' | 'tally'>) {
    this.path = path;
    this.source = source;
    this.stores = stores;
    this.options = options;
    this.trace = new GrowingTrace(stores, options);
    this.analyst = new Analyst((batch) => this.trace.addCommands(batch));
    this.writer = new EventWriter((batch) => {
      this.trace.add(batch);
      this.analyst.push(batch);
    });
    this.decoder = new LiveDecoder(source.name, { ...reading, writer: this.writer, tally: this.tally });
  }

  async run(): Promise<FollowResult> {
    const ended = await this.readToEnd();
    const { decoder } = this;
    if (ended === 'interrupted' && decoder.bytes === 0) throw interruptedError(`nothing has come from ${this.source.name}, and nothing was written`);
    decoder.end();
    this.writer.flush();
    this.refuseFaults();
    const trace = { ...this.soFar(), analysis: this.analyst.end(missingRecords(this.tally.counts)) };
    for (const untilMs = performance.now() + LAST_CHECKPOINT_MS; performance.now() < untilMs; await sleep(BUSY_PAUSE_MS)) {
      const finished = this.trace.finish(trace);
      if (finished === undefined) continue;
      const { row, known } = finished;
      const store = this.stores.open();
      const report = known
        ? keepKnown(this.path, store, row, this.options)
        : { ...traceReport(store, row), known, evidence: decoder.detection?.evidence ?? null };
      return { traces: [report], skipped: [], ended };
    }
    throw storeError(`store ${this.options.db} has been in use by another process for ${LAST_CHECKPOINT_MS / 1000} s`, {
      suggestions: ['What the last checkpoint wrote is there. End the process that holds the store, and ingest the source again.'],
    });
  }

  /** Leaves what the last checkpoint made permanent. */
  close(): void {
    this.trace.close();
  }

  /** Reads, decodes and makes checkpoints until nothing more is to come. */
  private async readToEnd(): Promise<FollowEnd> {
    const { source, options, decoder } = this;
    const { signal, idleMs = Infinity, maxBytes = MAX_SOURCE_BYTES } = options;
    let grownMs = performance.now();
    let abortedMs = NaN;
    let draining = false;
    for (;;) {
      const chunk = await source.read();
      if (chunk === undefined) return source.ended;
      const nowMs = performance.now();
      if (chunk !== QUIET) {
        decoder.push(chunk.subarray(0, maxBytes - decoder.bytes));
        if (decoder.bytes >= maxBytes) return 'size limit';
        grownMs = nowMs;
        draining = false;
      } else if (draining) {
        return 'interrupted';
      } else if (nowMs - grownMs >= idleMs) {
        return 'idle';
      }
      if (signal?.aborted === true) {
        if (Number.isNaN(abortedMs)) abortedMs = nowMs;
        if (nowMs - abortedMs >= DRAIN_MS) return 'interrupted';
        draining = chunk === QUIET;
        if (draining) await sleep(DRAIN_QUIET_MS);
        continue;
      }
      await this.keep();
      if (chunk === QUIET) await source.wait(Math.min(this.lastMs + options.intervalMs, grownMs + idleMs) - performance.now(), signal);
      // Lets signals and timers through.
      else await setImmediate();
    }
  }

  /** When the interval is over, or too many events wait: the checkpoint. */
  private async keep(): Promise<void> {
    const nowMs = performance.now();
    const due = nowMs - this.lastMs >= this.options.intervalMs;
    if (due) {
      this.decoder.settle();
      this.recordsPerSecond = ((this.tally.read - this.lastRecords) / (nowMs - this.lastMs)) * 1000;
      this.lastRecords = this.tally.read;
      this.lastMs = nowMs;
    }
    if (due || this.trace.isFull) this.checkpoint();
    // A full one takes nothing more until the store is free: the source waits.
    while (this.trace.isFull && this.options.signal?.aborted !== true) {
      await sleep(BUSY_PAUSE_MS);
      this.checkpoint();
    }
    const { bytes } = this.decoder;
    this.options.onProgress?.({ bytes, records: this.tally.read, events: this.trace.rows, recordsPerSecond: this.recordsPerSecond });
  }

  private checkpoint(): void {
    const { decoder } = this;
    if (!decoder.started || decoder.bytes === this.keptBytes) return;
    this.writer.flush();
    if (this.trace.rows === 0) return;
    this.refuseFaults();
    if (this.trace.checkpoint(this.soFar())) this.keptBytes = decoder.bytes;
  }

  private soFar(): TraceSoFar {
    const { decoder } = this;
    const { format, sha256, bytes, summary } = decoder;
    return traceOfSource(this.path, { format: format.id, summary, sha256, bytes, tally: this.tally.settled }, this.options.times);
  }

  /** Throws when the source holds no event or more faults than the limits allow; nothing of it stays in the store then. */
  private refuseFaults(): void {
    const { decoder } = this;
    try {
      refuseUnusable(
        { path: this.path, format: decoder.format.id, evidence: decoder.detection?.evidence, events: this.trace.rows, outcome: this.tally.settled },
        this.options,
      );
    } catch (error) {
      this.trace.withdraw();
      throw error;
    }
  }
}
