// Where the store keeps what the analysis of a trace found: command lives, queue lives, occupancy, and an overview in JSON.

import type Database from 'better-sqlite3';
import { COMMAND_CELLS } from '../trace/command-batch.js';
import type { CommandBatch } from '../trace/command-batch.js';
import { guarded } from './failure.js';
import type { Store } from './open.js';
import { EVENTS_PER_TRACE } from './schema.js';

/** One side of a queue's life; counts, and times in ns (NaN where there is none). */
export interface SideRow {
  readonly mmio: number;
  readonly shadow: number;
  readonly updates: number;
  readonly eventIdx: number;
  readonly moved: number;
  readonly longestGapNs: number;
  readonly meanGapNs: number;
}

/** One queue's life; the view `queues` says what its columns mean. NaN: unknown. */
export interface QueueRow {
  readonly life: number;
  readonly controller: number;
  readonly epoch: number;
  readonly qid: number;
  readonly cqid: number;
  readonly depth: number;
  readonly depthInferred: boolean;
  readonly vector: number;
  readonly createdNs: number;
  readonly closedNs: number;
  readonly whole: boolean;
  readonly setups: number;
  readonly fetched: number;
  readonly completed: number;
  readonly finished: number;
  readonly unfinished: number;
  readonly silent: number;
  readonly interrupts: number;
  readonly sq: SideRow;
  readonly cq: SideRow;
}

/** Numbers in a row of occupancy: life, stage, start, end, min, mean, max, bound. */
export const OCCUPANCY_CELLS = 8;
const COMMANDS_PER_INSERT = 64;
const BINS_PER_INSERT = 64;
/** An id and the cells of a batch. */
const COMMAND_COLUMNS = 1 + COMMAND_CELLS;

/** What is stored of an analysis when it ends. */
export interface AnalysisRows {
  readonly version: number;
  /** Plain JSON data. */
  readonly overview: unknown;
  readonly queues: readonly QueueRow[];
  readonly occupancy: Float64Array;
}

/** Appends the rows of one trace's analysis. The caller holds the transaction. */
export class AnalysisInserter {
  private readonly db: Database.Database;
  private readonly traceId: number;
  private readonly firstId: number;
  private readonly insertCommands: Database.Statement;
  private readonly values: (number | null)[] = Array.from({ length: COMMANDS_PER_INSERT * COMMAND_COLUMNS }, () => null);
  private sequence = 0;
  private finished = false;

  constructor(db: Database.Database, traceId: number) {
    this.db = db;
    this.traceId = traceId;
    this.firstId = traceId * EVENTS_PER_TRACE;
    this.insertCommands = db.prepare(commandSql(COMMANDS_PER_INSERT));
  }

  /** Inserts the lives of the batch in their order. */
  commands(batch: CommandBatch): void {
    for (let row = 0; row < batch.length; row += COMMANDS_PER_INSERT) {
      const rows = Math.min(COMMANDS_PER_INSERT, batch.length - row);
      const statement = rows === COMMANDS_PER_INSERT ? this.insertCommands : this.db.prepare(commandSql(rows));
      statement.run(...this.cells(batch, row, rows));
    }
  }

  /** Writes the rest. A commit that met a busy store is made again: then it is written already. */
  finish({ version, overview, queues, occupancy }: AnalysisRows): void {
    if (this.finished) return;
    this.finished = true;
    this.db.prepare('INSERT INTO analysis VALUES (?, ?, ?)').run(this.traceId, version, JSON.stringify(overview));
    const queue = this.db.prepare(`INSERT INTO queue VALUES (${Array.from({ length: QUEUE_COLUMNS }, () => '?').join(', ')})`);
    for (const row of queues) queue.run(this.traceId, ...queueCells(row));
    this.levels(occupancy);
  }

  private levels(occupancy: Float64Array): void {
    const step = BINS_PER_INSERT * OCCUPANCY_CELLS;
    for (let from = 0; from < occupancy.length; from += step) {
      const cells = occupancy.subarray(from, from + step);
      const row = `(${this.traceId}${', ?'.repeat(OCCUPANCY_CELLS)})`;
      const rows = Array.from({ length: cells.length / OCCUPANCY_CELLS }, () => row);
      this.db.prepare(`INSERT INTO occupancy_bin VALUES ${rows.join(', ')}`).run(...cells);
    }
  }

  /** The values of so many rows, each behind its id. */
  private cells(batch: CommandBatch, firstRow: number, rows: number): readonly (number | null)[] {
    let at = 0;
    for (let row = firstRow; row < firstRow + rows; row++) {
      this.values[at++] = this.firstId + this.sequence++;
      const from = row * COMMAND_CELLS;
      for (let i = from; i < from + COMMAND_CELLS; i++) {
        const value = batch.cells[i]!;
        this.values[at++] = Number.isNaN(value) ? null : value;
      }
    }
    return at === this.values.length ? this.values : this.values.slice(0, at);
  }
}

/** The overview of a trace, as it was stored; undefined when there is none of this version. */
export function readOverview(store: Store, traceId: number, version: number): unknown {
  const select = store.db.prepare<[number, number], string>('SELECT overview FROM analysis WHERE trace_id = ? AND version = ?').pluck();
  const text = guarded(store.file, () => select.get(traceId, version));
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

/** A row of the view `queues`, without the trace. */
export type QueueLifeRow = Readonly<Record<string, number | null>>;

/** The rows of the view `queues` for one trace. */
export function listQueueLives(store: Store, traceId: number): readonly QueueLifeRow[] {
  const select = store.db.prepare<[number], Record<string, number | string | null>>(
    'SELECT queues.* FROM queues JOIN trace ON trace.name = queues.trace WHERE trace.id = ? ORDER BY life',
  );
  const rows = guarded(store.file, () => select.all(traceId));
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'trace'))) as readonly QueueLifeRow[];
}

const QUEUE_COLUMNS = 33;

/** In the order of the table's columns, without the trace. */
function queueCells(row: QueueRow): readonly (number | null)[] {
  const { life, controller, epoch, qid, cqid, depth, depthInferred, vector, createdNs, closedNs } = row;
  const { setups, fetched, completed, finished, unfinished, silent, interrupts } = row;
  const named = [life, controller, epoch, qid, cqid, depth, Number(depthInferred), vector < 0 ? null : vector];
  const lived = [whole(createdNs), whole(closedNs), Number(row.whole)];
  const counted = [setups, fetched, completed, finished, unfinished, silent, interrupts];
  return [...named, ...lived, ...counted, ...sideCells(row.sq), ...sideCells(row.cq)];
}

function sideCells({ mmio, shadow, updates, eventIdx, moved, longestGapNs, meanGapNs }: SideRow): readonly (number | null)[] {
  return [mmio, shadow, updates, eventIdx, moved, longestGapNs, whole(meanGapNs)];
}

function whole(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value) : null;
}

function commandSql(rows: number): string {
  const row = `(${Array.from({ length: COMMAND_COLUMNS }, () => '?').join(', ')})`;
  return `INSERT INTO command VALUES ${Array.from({ length: rows }, () => row).join(', ')}`;
}
