// Named queries on traces and what became of their records. Queries on runs are in runs.ts, on events in reader.ts.

import { CLOCKS, KIND } from '../trace/event.js';
import type { Clock } from '../trace/event.js';
import type { RecordCounts, TallyTotals, Reject } from '../trace/tally.js';
import { ensure } from '../base/assert.js';
import { storeError } from '../base/errors.js';
import { guarded } from './failure.js';
import type { Store } from './open.js';
import { KIND_SQL, QUEUE_SQL } from './pack.js';
import { EVENTS_PER_TRACE } from './schema.js';

/** A trace as the store knows it. */
export interface TraceRow {
  readonly id: number;
  readonly name: string;
  readonly format: string;
  readonly dialect: string;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Name of the file that was read, or "-" for standard input. */
  readonly source: string;
  readonly bytes: number;
  readonly clock: Clock;
  /** Absolute time of the trace's origin on `clock`, in ns. */
  readonly originNs: bigint;
  /** Latest minus earliest time in ns; null without time stamps. */
  readonly spanNs: number | null;
  /** Version of Bellwether that ingested it. */
  readonly toolVersion: string;
  readonly records: RecordCounts;
  /** Rows of events: a record can yield several. */
  readonly eventRows: number;
}

/** Ways in which a record can fail to become an event. */
export type RecordClass = 'ignored' | 'unknown' | 'rejected';

interface TraceColumns {
  readonly id: bigint;
  readonly name: string;
  readonly format: string;
  readonly dialect: string;
  readonly sha256: string;
  readonly source: string;
  readonly bytes: bigint;
  readonly clock: string;
  readonly origin_ns: bigint;
  readonly span_ns: bigint | null;
  readonly tool_version: string;
  readonly records_read: bigint;
  readonly records_events: bigint;
  readonly records_ignored: bigint;
  readonly records_unknown: bigint;
  readonly records_rejected: bigint;
  readonly records_lost: bigint;
  readonly event_rows: bigint;
}

/** Every trace, in the order of the ids. */
export function listTraces(store: Store): readonly TraceRow[] {
  return selectTraces(store, 'ORDER BY id');
}

/** The trace with this id; throws a storeError when there is none. */
export function getTrace(store: Store, id: number): TraceRow {
  const trace = selectTraces(store, 'WHERE id = ?', id)[0];
  if (trace === undefined) throw storeError(`store ${store.file} has no trace number ${id}`);
  return trace;
}

/** The trace of this name, or undefined. */
export function findTraceByName(store: Store, name: string): TraceRow | undefined {
  return selectTraces(store, 'WHERE name = ?', name)[0];
}

/** The trace of the source with this SHA-256 in hexadecimal, or undefined. */
export function findTraceBySha256(store: Store, sha256: string): TraceRow | undefined {
  return selectTraces(store, 'WHERE sha256 = ?', sha256)[0];
}

/** Whether a source of this size was ingested: only then can it be worth hashing another one. */
export function hasTraceOfBytes(store: Store, bytes: number): boolean {
  return selectTraces(store, 'WHERE bytes = ? LIMIT 1', bytes).length > 0;
}

/** The trace that the user means: by name, else by number, else by the unambiguous start (8 digits or more) of its SHA-256. */
export function findTrace(store: Store, reference: string): TraceRow | undefined {
  const named = findTraceByName(store, reference);
  if (named !== undefined) return named;
  if (/^\d{1,7}$/.test(reference)) return selectTraces(store, 'WHERE id = ?', Number(reference))[0];
  if (!/^[0-9a-f]{8,64}$/.test(reference)) return undefined;
  // "g" sorts behind every hexadecimal digit.
  const matches = selectTraces(store, 'WHERE sha256 BETWEEN ? AND ?', reference, `${reference}g`);
  return matches.length === 1 ? matches[0] : undefined;
}

/** How many records of the class there were: name or reason -> count, over all sources, in the order of the names. */
export function recordCounts(store: Store, traceId: number, recordClass: RecordClass): ReadonlyMap<string, number> {
  const select = store.db
    .prepare<[number, string], [string, number]>(
      'SELECT name, sum(count) FROM record_count WHERE trace_id = ? AND class = ? GROUP BY name ORDER BY name',
    )
    .raw();
  return new Map(guarded(store.file, () => select.all(traceId, recordClass)));
}

/** Doorbell register writes of I/O queues in so many time bins of equal width, from the trace's origin to `spanNs`. */
export function doorbellWrites(store: Store, traceId: number, spanNs: number, bins: number): readonly number[] {
  const select = store.db
    .prepare<[object], [number, number]>(
      `SELECT min(cast(e.time_ns / @widthNs AS INTEGER), @last) AS bin, count(*) FROM event AS e
       WHERE e.id >= @trace * ${EVENTS_PER_TRACE} AND e.id < (@trace + 1) * ${EVENTS_PER_TRACE} AND ${KIND_SQL} = ${KIND['doorbell.mmio']} AND ${QUEUE_SQL} > 0 AND e.time_ns >= 0
       GROUP BY bin`,
    )
    .raw();
  const counts = Array.from({ length: bins }, () => 0);
  for (const [bin, count] of guarded(store.file, () => select.all({ trace: traceId, widthNs: spanNs / bins, last: bins - 1 }))) counts[bin] = count;
  return counts;
}

/** The kept rejects of the trace, in the order of its sources and their places. */
export function listRejects(store: Store, traceId: number): readonly Reject[] {
  const select = store.db.prepare<[number], Reject>(
    'SELECT place, reason, text FROM reject WHERE trace_id = ? ORDER BY source, number',
  );
  return guarded(store.file, () => select.all(traceId));
}

/** What became of the records of a trace, over all its sources. */
export function recordOutcome(store: Store, trace: TraceRow): TallyTotals {
  return {
    counts: trace.records,
    ignoredNames: recordCounts(store, trace.id, 'ignored'),
    unknownNames: recordCounts(store, trace.id, 'unknown'),
    rejectReasons: recordCounts(store, trace.id, 'rejected'),
    rejects: listRejects(store, trace.id),
  };
}

/** Deletes the trace with everything that belongs to it, in one transaction. */
export function deleteTrace(store: Store, id: number): void {
  guarded(store.file, () => store.db.transaction(() => deleteTraceRows(store, id)).immediate());
}

/** As deleteTrace(), inside a transaction that the caller holds. */
export function deleteTraceRows(store: Store, id: number): void {
  const firstId = BigInt(id) * BigInt(EVENTS_PER_TRACE);
  for (const table of ['event', 'command']) {
    store.db.prepare(`DELETE FROM ${table} WHERE id >= ? AND id < ?`).run(firstId, firstId + BigInt(EVENTS_PER_TRACE));
  }
  for (const table of ['record_count', 'reject', 'source', 'run', 'analysis', 'queue', 'occupancy_bin', 'finding']) store.db.prepare(`DELETE FROM ${table} WHERE trace_id = ?`).run(id);
  store.db.prepare('DELETE FROM trace WHERE id = ?').run(id);
}

function selectTraces(store: Store, where: string, ...values: readonly (string | number)[]): readonly TraceRow[] {
  const select = store.db.prepare<unknown[], TraceColumns>(`SELECT * FROM trace ${where}`).safeIntegers();
  return guarded(store.file, () => select.all(...values)).map(traceRow);
}

function traceRow(row: TraceColumns): TraceRow {
  return {
    id: Number(row.id),
    name: row.name,
    format: row.format,
    dialect: row.dialect,
    sha256: row.sha256,
    source: row.source,
    bytes: Number(row.bytes),
    clock: ensure(
      CLOCKS.find((clock) => clock === row.clock),
      `clock ${row.clock}`,
    ),
    originNs: row.origin_ns,
    spanNs: row.span_ns === null ? null : Number(row.span_ns),
    toolVersion: row.tool_version,
    records: {
      read: Number(row.records_read),
      events: Number(row.records_events),
      ignored: Number(row.records_ignored),
      unknown: Number(row.records_unknown),
      rejected: Number(row.records_rejected),
      lost: Number(row.records_lost),
    },
    eventRows: Number(row.event_rows),
  };
}
