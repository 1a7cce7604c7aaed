// Use case: a view's rows of one trace, or of one run, as a file that other tools open.

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { usageError } from '../base/errors.js';
import type { RowBatch } from '../base/table.js';
import { EXPORT_FORMATS, encoderOf, exportFormatOf, unitOf } from '../export/format.js';
import type { ExportFormat, ExportTable } from '../export/format.js';
import { readOverview } from '../store/analysis.js';
import { openStoreForReading } from '../store/open.js';
import type { Store } from '../store/open.js';
import { findTrace, getTrace } from '../store/queries.js';
import type { TraceRow } from '../store/queries.js';
import { findRun } from '../store/runs.js';
import { SCHEMA_VERSION } from '../store/schema.js';
import { viewBatches } from '../store/view-reader.js';
import type { Selection } from '../store/view-reader.js';
import { describeView } from '../store/views.js';
import type { ReadableView } from '../store/views.js';
import { ANALYSIS_VERSION } from './analysis.js';
import { STDOUT } from './export-names.js';
import { interruptedError } from './interrupt.js';
import { NewFile } from './new-file.js';
import { traceNamed } from './subject.js';

export interface ExportOptions {
  readonly db: string;
  /** Name, number or SHA-256 of a trace, or name or number of a run. */
  readonly reference: string;
  /** The view; by default events of a trace, and the row of a run. */
  readonly what?: ReadableView | undefined;
  /** Path of the file, or "-" for standard output. */
  readonly output: string;
  /** By default what the path's ending says. */
  readonly format?: ExportFormat | undefined;
  /** Replace a file that is there already. */
  readonly force: boolean;
  readonly toolVersion: string;
  /** Where bytes for "-" go; resolves to false once nobody reads them any more. */
  readonly toStdout: (bytes: Uint8Array) => Promise<boolean>;
  readonly signal?: AbortSignal | undefined;
  /** Rows and bytes so far. */
  readonly onProgress?: ((rows: number, bytes: number) => void) | undefined;
}

export interface ExportResult {
  readonly file: string;
  readonly what: ReadableView;
  readonly format: ExportFormat;
  readonly rows: number;
  readonly bytes: number;
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Exports a view's rows. Throws a usageError for names and endings that don't fit, or a file that is there already, and a
 * storeError when the store can't be read or the file not be written. A file that isn't complete is removed.
 */
export async function exportTable(options: ExportOptions): Promise<ExportResult> {
  const format = formatFor(options);
  const store = openStoreForReading(options.db);
  try {
    if (resolve(options.output) === store.file) throw usageError(`-o ${options.output} is the store itself`);
    const subject = subjectOf(store, options);
    const table = { columns: columnsOf(subject), facts: factsOf(subject, options.toolVersion) };
    const counted = new Counted(viewBatches(store, subject.view, subject.selection));
    const encode = await encoderOf(format);
    const written = await write(encode(table, counted), options, (bytes) => options.onProgress?.(counted.rows, bytes));
    return { file: options.output, what: subject.view, format, rows: counted.rows, ...written };
  } finally {
    store.close();
  }
}

/** Counts the rows that pass. */
class Counted implements Iterable<RowBatch> {
  rows = 0;
  private readonly batches: Iterable<RowBatch>;

  constructor(batches: Iterable<RowBatch>) {
    this.batches = batches;
  }

  *[Symbol.iterator](): Generator<RowBatch, void> {
    for (const batch of this.batches) {
      this.rows += batch.length;
      yield batch;
    }
  }
}

/** What is read: a view's rows that belong to one trace, or one run. */
interface Subject {
  readonly view: ReadableView;
  /** Undefined for a run that was made from a described workload. */
  readonly trace: TraceRow | undefined;
  readonly selection: Selection;
}

/** Views that the analysis of a trace fills. */
const ANALYSED: readonly ReadableView[] = ['commands', 'occupancy', 'queues'];

function subjectOf(store: Store, { reference, what }: ExportOptions): Subject {
  const run = findTrace(store, reference) === undefined ? findRun(store, reference) : undefined;
  if (run !== undefined) {
    if (what !== undefined && what !== 'runs') {
      throw usageError(`--what ${what}: ${reference} is a run, and a run keeps its result, not its ${what}`, ['Leave --what out, or name a trace.']);
    }
    return { view: 'runs', trace: run.traceId === null ? undefined : getTrace(store, run.traceId), selection: { column: 'id', value: BigInt(run.id) } };
  }
  const trace = traceNamed(store, reference);
  const view = what ?? 'events';
  if (ANALYSED.includes(view) && readOverview(store, trace.id, ANALYSIS_VERSION) === undefined) {
    throw usageError(`--what ${view}: trace ${trace.name} has no analysis: it is still followed, or was ingested by another release`, [
      'Wait for the end of "ingest --follow", or ingest its source again with --force.',
    ]);
  }
  return { view, trace, selection: { column: 'trace', value: trace.name } };
}

/** The view's columns. In an export there is but one trace. */
function columnsOf({ view, trace }: Subject): ExportTable['columns'] {
  return describeView(view).columns.map((column) => (column.name === 'trace' && trace !== undefined ? { ...column, values: [trace.name] } : column));
}

/** What a reader has to know about the numbers, and where they come from. No time and no path: equal tables have equal bytes. */
function factsOf({ view, trace }: Subject, toolVersion: string): ExportTable['facts'] {
  const columns = describeView(view).columns;
  const units = columns.flatMap((column) => (unitOf(column) === undefined ? [] : [[column.name, unitOf(column)] as const]));
  return {
    'bellwether.view': view,
    'bellwether.schema_version': String(SCHEMA_VERSION),
    'bellwether.tool_version': toolVersion,
    ...(trace === undefined
      ? {}
      : {
          'bellwether.trace': trace.name,
          'bellwether.trace_sha256': trace.sha256,
          'bellwether.clock': trace.clock,
          'bellwether.origin_ns': String(trace.originNs),
        }),
    'bellwether.units': JSON.stringify(Object.fromEntries(units)),
  };
}

function formatFor({ output, format }: ExportOptions): ExportFormat {
  const endings = EXPORT_FORMATS.map((name) => `.${name}`).join(', ');
  const byEnding = exportFormatOf(output);
  if (output === STDOUT) {
    if (format === undefined) throw usageError('-o -: standard output has no ending that says the format', [`Give --format ${EXPORT_FORMATS.join('|')}.`]);
    return format;
  }
  if (byEnding === undefined) throw usageError(`-o ${output}: an export ends in ${endings}`);
  if (format !== undefined && format !== byEnding) throw usageError(`-o ${output} --format ${format}: the ending says ${byEnding}`);
  return byEnding;
}

/** Writes the pieces to the file or to standard output. */
async function write(
  pieces: Iterable<Uint8Array>,
  options: ExportOptions,
  onProgress: (bytes: number) => void,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const { output, force, toStdout, signal } = options;
  const file = output === STDOUT ? undefined : await NewFile.begin(output, force);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for (const piece of pieces) {
      if (signal?.aborted === true) throw interruptedError(file === undefined ? 'the output ends early' : 'no file was written');
      hash.update(piece);
      bytes += piece.length;
      if (file !== undefined) await file.write(piece);
      else if (!(await toStdout(piece))) break;
      onProgress(bytes);
    }
    await file?.finish();
  } catch (error) {
    await file?.discard();
    throw error;
  }
  return { bytes, sha256: hash.digest('hex') };
}
