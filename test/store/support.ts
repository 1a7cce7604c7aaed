// Stores with a few events in them.

import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { IngestTransaction } from '../../src/store/ingest.js';
import { openStore } from '../../src/store/open.js';
import type { Store } from '../../src/store/open.js';
import type { TraceRow } from '../../src/store/queries.js';
import { KIND } from '../../src/trace/event.js';
import { Tally } from '../../src/trace/tally.js';
import { NO_ANALYSIS, factsOf, sourceOf, writeEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { tempFolder } from '../support/temp.js';

/** An event with nothing but a kind. */
export const BARE: PlainEvent = {
  kind: KIND.mark,
  timeNs: NaN,
  thread: -1,
  controller: 0,
  queue: -1,
  side: -1,
  cid: -1,
  opcode: -1,
  status: -1,
  value: NaN,
  extra: NaN,
  place: NaN,
};

/** A new store, closed when the test has finished. */
export function newStore(file = join(tempFolder(), 'test.db')): Store {
  const store = openStore(file);
  onTestFinished(() => store.close());
  return store;
}

/** Ingests events as a trace. */
export function addTrace(store: Store, name: string, events: readonly PlainEvent[], tally = new Tally()): TraceRow {
  const transaction = new IngestTransaction(store);
  writeEvents(events, (batch) => transaction.insert(batch), 1000);
  return transaction.commit(factsOf(name), [sourceOf(factsOf(name), tally)], NO_ANALYSIS);
}

/** Every row of every table, to tell whether anything changed. */
export function dump(store: Store): Record<string, unknown[]> {
  const tables = store.db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
  return Object.fromEntries(tables.map((name) => [String(name), store.db.prepare(`SELECT * FROM ${String(name)}`).safeIntegers().all()]));
}
