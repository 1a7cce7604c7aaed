// One ingest = one transaction: a source is in the store with all its rows, or not at all. Failing, interrupted and
// killed ingests leave the store as it was; after a kill the next opener rolls the journal back.

import type { EventBatch } from '../trace/batch.js';
import type { Clock } from '../trace/event.js';
import type { TallyTotals } from '../trace/tally.js';
import { assert } from '../base/assert.js';
import { storeError } from '../base/errors.js';
import { guarded } from './failure.js';
import type { Store } from './open.js';
import { deleteTraceRows, getTrace } from './queries.js';
import type { TraceRow } from './queries.js';
import { MAX_TRACE_ID } from './schema.js';
import { EventInserter } from './writer.js';

/** What the trace's row says; known once the source has been read to its end. */
export interface TraceFacts {
  readonly name: string;
  readonly format: string;
  readonly dialect: string;
  /** Hexadecimal. */
  readonly sha256: string;
  /** The file's name, or "-" for standard input. */
  readonly source: string;
  readonly bytes: number;
  readonly clock: Clock;
  readonly originNs: bigint;
  readonly toolVersion: string;
}

/** A trace being written. Ends with exactly one commit() or rollback(). */
export class IngestTransaction {
  readonly traceId: number;
  private readonly store: Store;
  private readonly inserter: EventInserter;
  private open = true;

  /** Takes the store's write lock. Throws a storeError when another process holds it. */
  constructor(store: Store) {
    this.store = store;
    guarded(store.file, () => store.db.exec('BEGIN IMMEDIATE'));
    try {
      this.traceId = nextTraceId(store);
      this.inserter = new EventInserter(store.db, this.traceId);
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

  /**
   * Writes the trace's own row, its counts and rejects, and makes everything permanent.
   * The traces in `replace` are deleted in the same transaction. Rolls back when anything fails.
   */
  commit(facts: TraceFacts, tally: TallyTotals, replace: readonly number[] = []): TraceRow {
    assert(this.open, 'commit of an ingest that has ended');
    try {
      return guarded(this.store.file, () => {
        for (const id of replace) deleteTraceRows(this.store, id);
        this.insertTrace(facts, tally);
        this.insertCounts(tally);
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

  private insertTrace(facts: TraceFacts, tally: TallyTotals): void {
    const { read, events, ignored, unknown, rejected, lost } = tally.counts;
    this.store.db
      .prepare(`INSERT INTO trace VALUES (${Array.from({ length: 18 }, () => '?').join(', ')})`)
      .run(
        this.traceId,
        facts.name,
        facts.format,
        facts.dialect,
        facts.sha256,
        facts.source,
        facts.bytes,
        facts.clock,
        facts.originNs,
        this.inserter.spanNs,
        facts.toolVersion,
        read,
        events,
        ignored,
        unknown,
        rejected,
        lost,
        this.inserter.rows,
      );
  }

  private insertCounts(tally: TallyTotals): void {
    const count = this.store.db.prepare('INSERT INTO record_count (trace_id, class, name, count) VALUES (?, ?, ?, ?)');
    for (const [name, n] of tally.ignoredNames) count.run(this.traceId, 'ignored', name, n);
    for (const [name, n] of tally.unknownNames) count.run(this.traceId, 'unknown', name, n);
    for (const [reason, n] of tally.rejectReasons) count.run(this.traceId, 'rejected', reason, n);
    const reject = this.store.db.prepare('INSERT INTO reject (trace_id, number, place, reason, text) VALUES (?, ?, ?, ?, ?)');
    for (const [number, { place, reason, text }] of tally.rejects.entries()) reject.run(this.traceId, number, place, reason, text);
  }
}

function nextTraceId(store: Store): number {
  const last = Number(store.db.prepare('SELECT coalesce(max(id), 0) FROM trace').pluck().get());
  if (last < MAX_TRACE_ID) return last + 1;
  throw storeError(`store ${store.file} has no trace number left (the last one, ${MAX_TRACE_ID}, is taken)`, {
    suggestions: ['Ingest into another store with --db.'],
  });
}
