// One ingest = one transaction: a source is in the store with all its rows, or not at all. Failing, interrupted and
// killed ingests leave the store as it was; after a kill the next opener rolls the journal back.
//
// A source that is followed while it grows is made permanent piece by piece: checkpoint() writes what is there so far as a
// valid trace and lets go of the store, resume() takes it up again. A failing one is left as the last checkpoint has it.

import type { EventBatch } from '../trace/batch.js';
import type { CommandBatch } from '../trace/command-batch.js';
import type { Clock } from '../trace/event.js';
import { sumCounts } from '../trace/tally.js';
import type { RecordCounts, TallyTotals } from '../trace/tally.js';
import { assert } from '../base/assert.js';
import { storeError } from '../base/errors.js';
import { AnalysisInserter } from './analysis.js';
import type { AnalysisRows } from './analysis.js';
import { guarded, isBusy } from './failure.js';
import type { Store } from './open.js';
import { deleteTraceRows, findTraceBySha256, getTrace } from './queries.js';
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
  /** SHA-256 that the trace's row has since the last checkpoint; undefined before one. */
  private permanent: string | undefined;

  /** Takes the store's write lock. Throws a storeError when another process holds it. */
  constructor(store: Store) {
    this.store = store;
    this.begin();
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
   * The traces in `replace` are deleted in the same transaction. When anything fails it rolls back, unless a reader holds
   * the store (see isBusy in failure.ts): then it can be called again.
   */
  commit(facts: TraceFacts, sources: readonly SourceFacts[], analysis: AnalysisRows, replace: readonly number[] = []): TraceRow {
    this.writeTrace(facts, sources, replace, analysis);
    this.permanent = undefined;
    return getTrace(this.store, this.traceId);
  }

  /**
   * As commit(), of a trace that goes on growing and has no analysis yet: the store is free until resume(). What the trace is, its counts and its
   * digest may differ at the next checkpoint; rows of events, rejects and names stay.
   */
  checkpoint(facts: TraceFacts, sources: readonly SourceFacts[], replace: readonly number[] = []): void {
    this.writeTrace(facts, sources, replace);
    this.permanent = facts.sha256;
  }

  /**
   * Takes the write lock again after a checkpoint; does nothing when it is held. Throws a storeError when another process
   * holds it, and when the trace isn't there any more.
   */
  resume(): void {
    if (this.open) return;
    assert(this.permanent !== undefined, 'resumption of an ingest that has ended');
    this.begin();
    const row = findTraceBySha256(this.store, this.permanent);
    if (row?.id === this.traceId) {
      this.inserter.resume();
      return;
    }
    this.rollback();
    throw storeError(`trace ${this.traceId} was removed from store ${this.store.file} while it was written`, {
      suggestions: ['Follow the source again; another ingest with --force has replaced the trace.'],
    });
  }

  /** Undoes everything, also what checkpoints have made permanent: a source that is refused in the end is not in the store. */
  withdraw(): void {
    if (this.permanent === undefined) {
      this.rollback();
      return;
    }
    this.resume();
    guarded(this.store.file, () => {
      deleteTraceRows(this.store, this.traceId);
      this.store.db.exec('COMMIT');
    });
    this.open = false;
    this.permanent = undefined;
  }

  /** Undoes everything, or everything since the last checkpoint. Does nothing when the transaction has already ended. */
  rollback(): void {
    this.permanent = undefined;
    if (!this.open) return;
    this.open = false;
    // SQLite has rolled back by itself after some errors, for instance a full disk.
    if (this.store.db.inTransaction) guarded(this.store.file, () => this.store.db.exec('ROLLBACK'));
  }

  private begin(): void {
    guarded(this.store.file, () => this.store.db.exec('BEGIN IMMEDIATE'));
    this.open = true;
  }

  private writeTrace(facts: TraceFacts, sources: readonly SourceFacts[], replace: readonly number[], analysis?: AnalysisRows): void {
    assert(this.open, 'commit of an ingest that has ended');
    try {
      guarded(this.store.file, () => {
        for (const id of replace) deleteTraceRows(this.store, id);
        this.putTrace(facts, sumCounts(sources.map((source) => source.outcome.counts)));
        for (const [number, source] of sources.entries()) this.putSource(number, source);
        if (analysis !== undefined) this.analysis.finish(analysis);
        this.store.db.exec('COMMIT');
        this.open = false;
      });
    } catch (error) {
      if (!isBusy(error)) this.rollback();
      throw error;
    }
  }

  private putTrace(facts: TraceFacts, records: RecordCounts): void {
    this.putRow('trace', ['id'], {
      id: this.traceId,
      name: facts.name,
      ...originColumns(facts),
      span_ns: this.inserter.spanNs,
      tool_version: facts.toolVersion,
      ...recordColumns(records),
      event_rows: this.inserter.rows,
    });
  }

  private putSource(number: number, facts: SourceFacts): void {
    const { outcome, alignment } = facts;
    this.putRow('source', ['trace_id', 'number'], {
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
      for (const [name, count] of names) {
        this.putRow('record_count', ['trace_id', 'source', 'class', 'name'], { ...ofSource, class: recordClass, name, count });
      }
    }
    for (const [index, reject] of outcome.rejects.entries()) {
      this.putRow('reject', ['trace_id', 'source', 'number'], { ...ofSource, number: index, ...reject });
    }
  }

  /** Inserts a row, or brings the one of the same key up to date, which an earlier checkpoint wrote: runs may refer to it. */
  private putRow(table: string, key: readonly string[], row: Readonly<Record<string, Cell>>): void {
    const columns = Object.keys(row);
    const values = columns.map((column) => `@${column}`).join(', ');
    const update = columns.map((column) => `${column} = excluded.${column}`).join(', ');
    this.store.db
      .prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values}) ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${update}`)
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
