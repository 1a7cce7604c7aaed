// Bulk insertion of event batches: multi-row INSERTs whose values are passed as positional arguments.
//
// Measured, one transaction, rollback journal. On 13 columns (before packing, see pack.ts): one row per statement
// 0.30 M rows/s; 128 rows bound as an array 0.51; 128 rows spread into arguments 0.85, because the binding then needn't
// look up each element of an array object. On the 8 columns of today: every id bound 1.7, only the first id bound 2.2,
// because a row without an id is appended behind the last one without a search. 32 to 512 rows per statement are alike.

import type Database from 'better-sqlite3';
import { ABSENT } from '../trace/batch.js';
import type { EventBatch } from '../trace/batch.js';
import { assert } from '../base/assert.js';
import { storeError } from '../base/errors.js';
import { packCommand, packWhat } from './pack.js';
import { EVENTS_PER_TRACE } from './schema.js';

/** All but the id. */
const COLUMNS = 7;
const ROWS_PER_INSERT = 128;

/** Appends the events of one trace, whose id is the highest in the store at first. The caller holds the transaction. */
export class EventInserter {
  private readonly db: Database.Database;
  private readonly insertMany: Database.Statement;
  private readonly values: (number | null)[] = Array.from({ length: ROWS_PER_INSERT * COLUMNS }, () => null);
  private readonly firstId: number;
  private sequence = 0;
  /** The store has events of later traces: ids must be given. */
  private amongOthers = false;
  private earliestNs = Infinity;
  private latestNs = -Infinity;

  constructor(db: Database.Database, traceId: number) {
    this.db = db;
    this.insertMany = db.prepare(insertSql(ROWS_PER_INSERT));
    this.firstId = traceId * EVENTS_PER_TRACE;
  }

  /** Rows inserted so far. */
  get rows(): number {
    return this.sequence;
  }

  /** Latest minus earliest time so far in ns; null when no event had a time. */
  get spanNs(): number | null {
    return this.earliestNs <= this.latestNs ? this.latestNs - this.earliestNs : null;
  }

  /** Call when a transaction begins after the first one: other processes may have added traces in between. */
  resume(): void {
    const highest = this.db.prepare('SELECT coalesce(max(id), 0) FROM event').pluck().get();
    this.amongOthers = Number(highest) >= this.firstId + EVENTS_PER_TRACE;
  }

  /**
   * Inserts the rows of the batch in their order. Throws SQLite's errors as they are, and a storeError when the store
   * holds events behind those of this trace.
   */
  insert(batch: EventBatch): void {
    assert(this.sequence + batch.length <= EVENTS_PER_TRACE, 'a trace has more than 2^32 events');
    if (batch.length === 0) return;
    for (let row = 0; row < batch.length; ) {
      const first = this.sequence === 0;
      const rows = first ? 1 : Math.min(ROWS_PER_INSERT, batch.length - row);
      const firstId = first || this.amongOthers ? this.firstId + this.sequence : undefined;
      this.fill(batch, row, rows);
      if (firstId === undefined && rows === ROWS_PER_INSERT) this.run(this.insertMany, this.values);
      else this.run(this.db.prepare(insertSql(rows, firstId)), this.values.slice(0, rows * COLUMNS));
      row += rows;
    }
  }

  /** Runs one insert. Rows without an id get the highest one of the table plus 1, which must be the next one here. */
  private run(statement: Database.Statement, values: readonly (number | null)[]): void {
    const { lastInsertRowid } = statement.run(...values);
    const expected = this.firstId + this.sequence - 1;
    if (lastInsertRowid === expected) return;
    throw storeError(`store ${this.db.name} gave an event the id ${lastInsertRowid}, not ${expected}: it holds events of no trace`, {
      suggestions: ['Ingest the captures again into a new file; name it with --db.'],
    });
  }

  /** Copies `count` rows into `values`: ABSENT and NaN become null. */
  private fill(b: EventBatch, first: number, count: number): void {
    const v = this.values;
    let at = 0;
    for (let row = first; row < first + count; row++) {
      const timeNs = b.timeNs[row]!;
      if (timeNs < this.earliestNs) this.earliestNs = timeNs;
      if (timeNs > this.latestNs) this.latestNs = timeNs;
      v[at] = packWhat(b, row);
      v[at + 1] = present(timeNs);
      v[at + 2] = b.thread[row] === ABSENT ? null : b.thread[row]!;
      v[at + 3] = packCommand(b, row);
      v[at + 4] = present(b.value[row]!);
      v[at + 5] = present(b.extra[row]!);
      v[at + 6] = present(b.place[row]!);
      at += COLUMNS;
    }
    this.sequence += count;
  }
}

function present(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** With `firstId` each row gets its id; without, those behind the table's highest. */
function insertSql(rows: number, firstId?: number): string {
  const values = Array.from({ length: COLUMNS }, () => '?').join(', ');
  const id = (row: number): string => (firstId === undefined ? 'NULL' : String(firstId + row));
  return `INSERT INTO event VALUES ${Array.from({ length: rows }, (_, row) => `(${id(row)}, ${values})`).join(', ')}`;
}
