// Use case: read captures into the store, one transaction per source. Order of work for a source:
//   known by size and hash? -> decode into an open transaction -> refuse or keep -> name it -> commit
// What only decoding needs is loaded only where that is done: in a thread of its own the formats load while the store opens here.

import { basename } from 'node:path';
import { ensure } from '../base/assert.js';
import { usageError } from '../base/errors.js';
import type { MmioOptions } from '../formats/bar.js';
import type { DecodeProgress } from '../formats/decode.js';
import type { NamedText } from '../formats/format.js';
import { STDIN } from '../formats/path.js';
import { IngestTransaction } from '../store/ingest.js';
import type { Store } from '../store/open.js';
import { findTraceBySha256, hasTraceOfBytes, recordOutcome } from '../store/queries.js';
import type { TraceRow } from '../store/queries.js';
import { Analyst } from './analysis.js';
import type { DecodeCapture, DecodedCapture } from './decoding.js';
import { readEventsFile } from './events-file.js';
import { refuseUnusable } from './ingest-limits.js';
import type { IngestLimits } from './ingest-limits.js';
import { interruptedError, unlessAborted } from './interrupt.js';
import { LazyStore } from './lazy-store.js';
import { commitNamed, refuseEmptyName } from './commit-trace.js';
import type { TraceSoFar, UnnamedTrace } from './commit-trace.js';
import { namedFormat } from './named-format.js';
import { missingRecords } from '../trace/tally.js';
import type { SourceTimes } from './source-times.js';
import { planSources, sha256Of } from './sources.js';
import type { PlannedSource, SkippedFile } from './sources.js';
import { traceReport } from './trace-report.js';
import type { TraceReport } from './trace-report.js';

export interface IngestOptions extends IngestLimits {
  /** Files, directories, or "-" for standard input. */
  readonly paths: readonly string[];
  readonly db: string;
  /** Version of Bellwether, which the trace records. */
  readonly toolVersion: string;
  /** Name of the trace; only with a single source. */
  readonly name?: string | undefined;
  /** Id of a format that is taken for given, or a JSON file that declares one. */
  readonly format?: string | undefined;
  /** Path of QEMU's `trace-events-all`, for captures that don't hold their events' names or arguments. */
  readonly eventsFile?: string | undefined;
  /** BAR0 of the controllers as ADDR[:SIZE], for captures of MMIO by address; found by the accesses without it. */
  readonly bars?: readonly string[] | undefined;
  /** CAP.DSTRD of the controllers; as read from CAP without it. */
  readonly dstrd?: number | undefined;
  /** What is known of the sources' time stamps beyond what they say. */
  readonly times?: SourceTimes | undefined;
  /** Refuse a source with more bytes than this after decompression. */
  readonly maxBytes?: number | undefined;
  /** Replace a trace of the same content or of the same `name`, together with its runs. */
  readonly force?: boolean | undefined;
  /** How captures are decoded; in this thread by default. */
  readonly decode?: DecodeCapture | undefined;
  readonly onProgress?: ((path: string, progress: DecodeProgress) => void) | undefined;
  /** Called with each trace and the path that it came from, which a joined one doesn't have. */
  readonly onTrace?: ((trace: IngestedTrace, path?: string) => void) | undefined;
  /** Rolls back the source at hand and ends the ingest with exit code 130. */
  readonly signal?: AbortSignal | undefined;
}

export interface IngestedTrace extends TraceReport {
  /** The store already had this content; nothing was written. */
  readonly known: boolean;
  /** Why the format was chosen; null when it was given, or when the content was known. */
  readonly evidence: string | null;
}

export interface IngestResult {
  readonly traces: readonly IngestedTrace[];
  /** Files of directories that no format recognises. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Ingests the sources in their order. The first one that is refused ends it; those before it are kept.
 * A store that doesn't exist yet is created with the first event.
 */
export async function ingest(options: IngestOptions): Promise<IngestResult> {
  const { ingested, skipped } = await ingestEach(options);
  return { traces: ingested.map(({ trace }) => trace), skipped };
}

/** As ingest(), with the path of each trace's source as it was given or found in a directory. */
export async function ingestEach(given: IngestOptions): Promise<{
  readonly ingested: readonly { readonly path: string; readonly trace: IngestedTrace }[];
  readonly skipped: readonly SkippedFile[];
}> {
  const format = await namedFormat(given.format);
  const options = { ...given, format: format?.id };
  const mmio = await mmioOptions(options);
  const { sources, skipped } = await planSources(options.paths, format !== undefined);
  refuseEmptyName(options.name);
  if (options.name !== undefined && sources.length > 1) {
    throw usageError(`--name can't name ${sources.length} sources`, [
      'Ingest them one by one, or leave --name out.',
      'If they are captures of one run, put them on one timeline with --join.',
    ]);
  }
  const eventsFile = options.eventsFile === undefined ? undefined : await readEventsFile(options.eventsFile);
  const stores = new LazyStore(options.db);
  try {
    const ingested = [];
    for (const source of sources) {
      const trace = await ingestSource(source, { format: given.format, eventsFile, mmio }, stores, options);
      ingested.push({ path: source.path, trace });
      options.onTrace?.(trace, source.path);
    }
    return { ingested, skipped };
  } finally {
    stores.close();
  }
}

/** What the user knows of the controllers. What reads addresses is loaded only where there are some. */
async function mmioOptions({ bars = [], dstrd }: IngestOptions): Promise<MmioOptions> {
  if (bars.length === 0) return { bars: [], dstrd };
  const { parseBar } = await import('../formats/bar.js');
  return { bars: bars.map(parseBar), dstrd };
}

/** What the options say about how to read every source. */
interface Reading {
  /** As the user gave it. */
  readonly format: string | undefined;
  readonly eventsFile: NamedText | undefined;
  readonly mmio: MmioOptions;
}

async function ingestSource(
  source: PlannedSource,
  reading: Reading,
  stores: LazyStore,
  options: IngestOptions,
): Promise<IngestedTrace> {
  const interrupted = (): Error => interruptedError(`the store is as it was before ${source.path === STDIN ? 'standard input' : source.path}`);
  if (options.signal?.aborted === true) throw interrupted();
  const known =
    options.force === true ? undefined : await unlessAborted(knownTrace(source, stores.existing), options.signal, interrupted);
  if (known !== undefined) return keepKnown(source.path, stores.open(), known, options);

  /** Ends the decoding when nobody waits for it any more. */
  function check(): void {
    if (options.signal?.aborted === true) throw interrupted();
  }
  let events = 0;
  let transaction: IngestTransaction | undefined;
  const analyst = new Analyst((batch) => ensure(transaction, 'transaction of the commands\' events').insertCommands(batch));
  try {
    const decode = options.decode ?? (await import('./decoding.js')).decodeHere;
    const decoding = decode(
      { path: source.path, storedBytes: source.bytes, maxBytes: options.maxBytes, ...reading },
      {
        onBatch(batch) {
          check();
          events += batch.length;
          transaction ??= new IngestTransaction(stores.open());
          transaction.insert(batch);
          analyst.push(batch);
        },
        onProgress(progress) {
          check();
          options.onProgress?.(source.path, progress);
        },
      },
      options.signal,
    );
    const decoded = await unlessAborted(decoding, options.signal, interrupted);
    refuseUnusable(
      {
        path: source.path,
        format: decoded.format,
        evidence: decoded.evidence,
        events,
        outcome: decoded.tally,
      },
      options,
    );
    if (transaction === undefined) throw new Error('internal error: events without a transaction');
    const trace = { ...traceOfSource(source.path, decoded, options.times), analysis: analyst.end(missingRecords(decoded.tally.counts)) };
    return finish(trace, decoded.evidence, transaction, stores.open(), options);
  } finally {
    // After a commit this does nothing.
    transaction?.rollback();
  }
}

/** Commits the trace of one source, unless its content turns out to be known. */
function finish(
  trace: UnnamedTrace,
  evidence: string | undefined,
  transaction: IngestTransaction,
  store: Store,
  options: IngestOptions,
): IngestedTrace {
  const row = commitNamed(transaction, store, trace, options);
  if (row === undefined) return keepKnown(trace.path, store, ensure(findTraceBySha256(store, trace.facts.sha256), 'known trace'), options);
  return { ...traceReport(store, row), known: false, evidence: evidence ?? null };
}

/** What the store is told of a trace that has a single source. */
export function traceOfSource(path: string, decoded: Omit<DecodedCapture, 'evidence'>, times: SourceTimes | undefined): TraceSoFar {
  const facts = {
    format: decoded.format,
    dialect: decoded.summary.dialect,
    sha256: decoded.sha256,
    source: path === STDIN ? STDIN : basename(path),
    bytes: decoded.bytes,
    clock: times?.clockOf(path) ?? decoded.summary.clock,
    originNs: decoded.summary.originNs + (times?.offsetNsOf(path) ?? 0n),
  };
  return { path, facts, sources: [{ ...facts, outcome: decoded.tally, alignment: null }] };
}

/** The trace of this content, found without decoding it: only files of a size that the store knows are hashed. */
async function knownTrace(source: PlannedSource, store: Store | undefined): Promise<TraceRow | undefined> {
  if (store === undefined || source.bytes === undefined || !hasTraceOfBytes(store, source.bytes)) return undefined;
  return findTraceBySha256(store, await sha256Of(source.path));
}

/** What is asked of a source beyond its content. */
export type KnownOptions = IngestLimits & Pick<IngestOptions, 'format' | 'times'>;

/** Nothing is written for known content, but format and limits hold for it as well. */
export function keepKnown(path: string, store: Store, row: TraceRow, options: KnownOptions): IngestedTrace {
  if (options.format !== undefined && options.format !== row.format) {
    throw usageError(`${path} is known as trace ${row.id}, read as ${row.format}, not as ${options.format}`, [
      'Read it again with --force.',
    ]);
  }
  const { times } = options;
  if (times?.clockOf(path) !== undefined || times?.offsetNsOf(path) !== undefined) {
    throw usageError(`${path} is known as trace ${row.id}: its time stamps stay as they are`, [
      'Read it again, with this --clock or --offset, with --force.',
    ]);
  }
  refuseUnusable(
    {
      path,
      format: row.format,
      evidence: undefined,
      events: row.eventRows,
      outcome: recordOutcome(store, row),
    },
    options,
  );
  return { ...traceReport(store, row), known: true, evidence: null };
}
