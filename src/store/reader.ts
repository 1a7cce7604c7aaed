// Reads the events of one trace back into batches, in the order of their sequence, exactly as they were written.

import { ABSENT, EventBatch } from '../trace/batch.js';
import type { BatchConsumer } from '../trace/batch.js';
import { storeError } from '../base/errors.js';
import { guarded } from './failure.js';
import type { Store } from './open.js';
import { unpack } from './pack.js';
import type { TraceRow } from './queries.js';
import { EVENTS_PER_TRACE } from './schema.js';

/** Rows fetched at a time. Fetching chunks measures half as fast again as stepping row by row; 256 to 4096 are alike. */
const READ_ROWS = 1024;

type Cell = number | null;
type EventRow = readonly [what: number, timeNs: Cell, thread: Cell, command: Cell, value: Cell, extra: Cell, place: Cell];

/** The trace to read and how many events: its row says it. One that is still followed may have more by now. */
export type ReadableTrace = Pick<TraceRow, 'id' | 'eventRows'>;

/**
 * Hands the trace's events to `consume`, batch by batch, and returns how many there were.
 * One batch is reused for all calls: copy what must be kept. Throws a storeError when rows are missing.
 */
export function readEvents(store: Store, trace: ReadableTrace, consume: BatchConsumer, rowsPerBatch = READ_ROWS): number {
  let events = 0;
  for (const batch of eventBatches(store, trace, rowsPerBatch)) {
    events += batch.length;
    consume(batch);
  }
  return events;
}

/** As readEvents(), for callers that go through several traces at once: a batch is valid until the next is asked for. */
export function* eventBatches(store: Store, trace: ReadableTrace, rowsPerBatch = READ_ROWS, fromSequence = 0): Generator<EventBatch, undefined> {
  const { id, eventRows } = trace;
  // Sequences have no gaps, so that a range of ids is a chunk of known length.
  const chunk = store.db
    .prepare<[bigint, bigint], EventRow>(
      'SELECT what, time_ns, thread, command, value, extra, place FROM event WHERE id >= ? AND id < ? ORDER BY id',
    )
    .raw();
  const firstId = BigInt(id) * BigInt(EVENTS_PER_TRACE);
  const batch = new EventBatch(rowsPerBatch);
  for (let sequence = fromSequence; sequence < eventRows; sequence += rowsPerBatch) {
    const from = firstId + BigInt(sequence);
    const expected = Math.min(rowsPerBatch, eventRows - sequence);
    const rows = guarded(store.file, () => chunk.all(from, from + BigInt(expected)));
    if (rows.length !== expected) {
      throw storeError(
        `store ${store.file}: trace ${id} should have ${expected} events from number ${sequence} on, but has ${rows.length}`,
        { suggestions: ['Ingest its source again with --force.'] },
      );
    }
    fill(batch, rows);
    yield batch;
  }
}

function fill(b: EventBatch, rows: readonly EventRow[]): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    unpack(b, i, row[0], row[3]);
    b.timeNs[i] = row[1] ?? NaN;
    b.thread[i] = row[2] ?? ABSENT;
    b.value[i] = row[4] ?? NaN;
    b.extra[i] = row[5] ?? NaN;
    b.place[i] = row[6] ?? NaN;
  }
  b.length = rows.length;
}

/**
 * As eventBatches(), from `before` events ahead of the first one at or after `fromNs` on, until one is later than `toNs`. For traces whose
 * events all have time stamps; where these run backwards for a moment, the place that is found can be off by as much.
 */
export function* eventsWithin(store: Store, trace: ReadableTrace, window: { readonly fromNs: number; readonly toNs: number }, before: number): Generator<EventBatch, undefined> {
  const timeOf = store.db.prepare<[bigint], number | null>('SELECT time_ns FROM event WHERE id = ?').pluck();
  const firstId = BigInt(trace.id) * BigInt(EVENTS_PER_TRACE);
  let [low, high] = [0, trace.eventRows];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const timeNs = guarded(store.file, () => timeOf.get(firstId + BigInt(middle))) ?? 0;
    if (timeNs < window.fromNs) low = middle + 1;
    else high = middle;
  }
  for (const batch of eventBatches(store, trace, READ_ROWS, Math.max(low - before, 0))) {
    yield batch;
    if (batch.timeNs[batch.length - 1]! > window.toNs) return;
  }
}
