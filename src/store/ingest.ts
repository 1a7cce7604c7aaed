// One ingest = one transaction: a source is in the store with all its rows, or not at all. Failing, interrupted and
// killed ingests leave the store as it was; after a kill the next opener rolls the journal back.

import type { EventBatch } from '../trace/batch.js';
import type { CommandBatch } from '../trace/command-batch.js';
import type { Clock } from '../trace/event.js';
import { sumCounts } from '../trace/tally.js';
import type { RecordCounts, TallyTotals } from '../trace/tally.js';
import { assert } from '../base/assert.js';
import { storeError } from '../base/errors.js';
import { AnalysisInserter } from './analysis.js';
import type { AnalysisRows } from './analysis.js';
import { guarded } from './failure.js';
import type { Store } from './open.js';
import { deleteTraceRows, getTrace } from './queries.js';
import type { TraceRow } from './queries.js';
import { MAX_TRACE_ID } from './schema.js';
import { EventInserter } from './writer.js';

/** What the trace's row says; known once its sources have been read to their end. */
export interface TraceFacts {
  readonly name: string;
  readonly format: string;
  readonly dialect: string;
  /** Hexadecimal; of several sources: see app/join.ts. */
  readonly sha256: string;
  readonly source: string;
  readonly bytes: number;
  readonly clock: Clock;
  readonly originNs: bigint;
  readonly toolVersion: string;
}

/** One source of the trace: what it was, what became of its records, and where it lies on the trace's timeline. */
export interface SourceFacts {
  /** The file's name, or "-" for standard input. */
  readonly source: string;
  readonly format: string;
  readonly dialect: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  readonly clock: Clock;
  readonly originNs: bigint;
  readonly outcome: TallyTotals;
  /** Null for a source that stands alone. */
  readonly alignment: SourceAlignment | null;
}

/** How the clock of a source was aligned with the trace's; the columns of the view `sources` say more. */
export interface SourceAlignment {
  readonly method: string;
  readonly alignedTo: number;
  readonly offsetNs: bigint;
  readonly driftPpb: number;
  readonly matches: number;
  readonly marginNs: number | null;
  readonly residualNs: number | null;
  readonly eventsMerged: number;
}

/** A trace being written. Ends with exactly one commit() or rollback(). */
export class IngestTransaction {
  readonly traceId: number;
  private readonly store: Store;
  private readonly inserter: EventInserter;
  private readonly analysis: AnalysisInserter;
  private open = true;

  /** Takes the store's write lock. Throws a storeError when another process holds it. */
  constructor(store: Store) {
    this.store = store;
    guarded(store.file, () => store.db.exec('BEGIN IMMEDIATE'));
    try {
      this.traceId = nextTraceId(store);
      this.inserter = new EventInserter(store.db, this.traceId);
      this.analysis = new AnalysisInserter(store.db, this.traceId);
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  /** Event rows inserted so far. */
  get rows(): number {
    return this.inserter.rows;
  }

  /** Appends the events of the batch. */
  insert(batch: EventBatch): void {
    assert(this.open, 'insert into an ingest that has ended');
    guarded(this.store.file, () => this.inserter.insert(batch));
  }

  /** Appends the lives of the batch's commands. */
  insertCommands(batch: CommandBatch): void {
    assert(this.open, 'insert into an ingest that has ended');
    guarded(this.store.file, () => this.analysis.commands(batch));
  }

  /**
   * Writes the trace's own row, its sources with their counts and rejects, its analysis, and makes everything permanent.
   * The traces in `replace` are deleted in the same transaction. Rolls back when anything fails.
   */
  commit(facts: TraceFacts, sources: readonly SourceFacts[], analysis: AnalysisRows, replace: readonly number[] = []): TraceRow {
    assert(this.open, 'commit of an ingest that has ended');
    try {
      return guarded(this.store.file, () => {
        for (const id of replace) deleteTraceRows(this.store, id);
        this.insertTrace(facts, sumCounts(sources.map((source) => source.outcome.counts)));
        for (const [number, source] of sources.entries()) this.insertSource(number, source);
        this.analysis.finish(analysis);
        this.store.db.exec('COMMIT');
        this.open = false;
        return getTrace(this.store, this.traceId);
      });
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  /** Undoes everything. Does nothing when the transaction has already ended. */
  rollback(): void {
    if (!this.open) return;
    this.open = false;
    // SQLite has rolled back by itself after some errors, for instance a full disk.
    if (this.store.db.inTransaction) guarded(this.store.file, () => this.store.db.exec('ROLLBACK'));
  }

  private insertTrace(facts: TraceFacts, records: RecordCounts): void {
    this.insertRow('trace', {
      id: this.traceId,
      name: facts.name,
      ...originColumns(facts),
      span_ns: this.inserter.spanNs,
      tool_version: facts.toolVersion,
      ...recordColumns(records),
      event_rows: this.inserter.rows,
    });
  }

  private insertSource(number: number, facts: SourceFacts): void {
    const { outcome, alignment } = facts;
    this.insertRow('source', {
      trace_id: this.traceId,
      number,
      ...originColumns(facts),
      ...recordColumns(outcome.counts),
      method: alignment?.method ?? null,
      aligned_to: alignment?.alignedTo ?? null,
      offset_ns: alignment?.offsetNs ?? null,
      drift_ppb: alignment?.driftPpb ?? null,
      matches: alignment?.matches ?? null,
      margin_ns: alignment?.marginNs ?? null,
      residual_ns: alignment?.residualNs ?? null,
      events_merged: alignment?.eventsMerged ?? 0,
    });
    const counts = [['ignored', outcome.ignoredNames], ['unknown', outcome.unknownNames], ['rejected', outcome.rejectReasons]] as const;
    const ofSource = { trace_id: this.traceId, source: number };
    for (const [recordClass, names] of counts) {
      for (const [name, count] of names) this.insertRow('record_count', { ...ofSource, class: recordClass, name, count });
    }
    for (const [index, reject] of outcome.rejects.entries()) this.insertRow('reject', { ...ofSource, number: index, ...reject });
  }

  private insertRow(table: string, row: Readonly<Record<string, Cell>>): void {
    const columns = Object.keys(row);
    this.store.db
      .prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`)
      .run(row);
  }
}

type Cell = string | number | bigint | null;

/** Columns that a trace and a source have in common. */
function originColumns({ format, dialect, sha256, source, bytes, clock, originNs }: Omit<TraceFacts, 'name' | 'toolVersion'>): Record<string, Cell> {
  return { format, dialect, sha256, source, bytes, clock, origin_ns: originNs };
}

function recordColumns({ read, events, ignored, unknown, rejected, lost }: RecordCounts): Record<string, Cell> {
  return {
    records_read: read,
    records_events: events,
    records_ignored: ignored,
    records_unknown: unknown,
    records_rejected: rejected,
    records_lost: lost,
  };
}

function nextTraceId(store: Store): number {
  const last = Number(store.db.prepare('SELECT coalesce(max(id), 0) FROM trace').pluck().get());
  if (last < MAX_TRACE_ID) return last + 1;
  throw storeError(`store ${store.file} has no trace number left (the last one, ${MAX_TRACE_ID}, is taken)`, {
    suggestions: ['Ingest into another store with --db.'],
  });
}
