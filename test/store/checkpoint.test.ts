// A trace that is made permanent piece by piece, while others read and write.

import { expect, onTestFinished, test } from 'vitest';
import { readOverview } from '../../src/store/analysis.js';
import { IngestTransaction } from '../../src/store/ingest.js';
import { isBusy } from '../../src/store/failure.js';
import { openStore } from '../../src/store/open.js';
import type { Store } from '../../src/store/open.js';
import { deleteTrace, getTrace, listRejects, listTraces, recordCounts } from '../../src/store/queries.js';
import { readEvents } from '../../src/store/reader.js';
import { insertRun, listRuns } from '../../src/store/runs.js';
import { Tally } from '../../src/trace/tally.js';
import { NO_ANALYSIS, factsOf, plainEvents, sourceOf, writeEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { BARE, addTrace, dump, newStore } from './support.js';

/** `count` events whose values count from `first` on. */
function numbered(first: number, count: number): PlainEvent[] {
  return Array.from({ length: count }, (_, i) => ({ ...BARE, value: first + i, timeNs: 10 * (first + i) }));
}

function valuesOf(store: Store, id: number): number[] {
  const values: number[] = [];
  readEvents(store, getTrace(store, id), (batch) => values.push(...plainEvents(batch).map(({ value }) => value)));
  return values;
}

/** The facts at the `n`th checkpoint: the digest grows with the source. */
function factsAt(n: number): ReturnType<typeof factsOf> {
  return { ...factsOf('live'), sha256: String(n).repeat(64), bytes: n };
}

/** A trace that grows by `rows` events at each step. */
class Growing {
  readonly tally = new Tally();
  readonly transaction: IngestTransaction;
  private steps = 0;

  constructor(store: Store) {
    this.transaction = new IngestTransaction(store);
  }

  add(rows: number): void {
    const first = this.transaction.rows;
    writeEvents(numbered(first, rows), (batch) => this.transaction.insert(batch), 1000);
    this.tally.read += rows;
    this.tally.events += rows;
  }

  checkpoint(): void {
    this.steps += 1;
    this.transaction.checkpoint(factsAt(this.steps), [sourceOf(factsAt(this.steps), this.tally)]);
  }
}

test('each checkpoint is a whole trace, and the last state is that of an ingest in one piece', () => {
  const store = newStore();
  const other = openStore(store.file);
  const growing = new Growing(store);
  let rows = 0;
  for (const more of [1, 300, 0, 5000]) {
    growing.transaction.resume();
    growing.add(more);
    growing.tally.read += 2;
    growing.tally.ignore('dull');
    growing.tally.reject(rows, 'bad', `text ${rows}`);
    growing.checkpoint();
    rows += more;
    const trace = getTrace(other, 1);
    expect(trace).toMatchObject({ eventRows: rows, spanNs: 10 * (rows - 1), records: growing.tally.counts });
    expect(valuesOf(other, 1)).toEqual(numbered(0, rows).map(({ value }) => value));
    expect(listRejects(other, 1)).toEqual(growing.tally.rejects);
    expect(recordCounts(other, 1, 'ignored')).toEqual(growing.tally.ignoredNames);
  }
  growing.transaction.resume();
  growing.transaction.commit(factsAt(9), [sourceOf(factsAt(9), growing.tally)], NO_ANALYSIS);

  const whole = newStore();
  const transaction = new IngestTransaction(whole);
  writeEvents(numbered(0, rows), (batch) => transaction.insert(batch), 777);
  transaction.commit(factsAt(9), [sourceOf(factsAt(9), growing.tally)], NO_ANALYSIS);
  expect(dump(store)).toEqual(dump(whole));
  other.close();
});

test('between checkpoints others write: traces behind this one, and runs of it', () => {
  const store = newStore();
  const other = openStore(store.file);
  const growing = new Growing(store);
  growing.add(10);
  growing.checkpoint();
  const behind = addTrace(other, 'behind', numbered(7, 3));
  insertRun(other, { name: 'r', traceId: 1, key: 'k', version: '0', parameters: {}, result: {} });
  growing.transaction.resume();
  growing.add(400);
  growing.checkpoint();
  addTrace(other, 'further', numbered(0, 1));
  growing.transaction.resume();
  growing.add(1);
  const row = growing.transaction.commit(factsAt(9), [sourceOf(factsAt(9), growing.tally)], NO_ANALYSIS);
  expect(row).toMatchObject({ id: 1, eventRows: 411 });
  expect(valuesOf(other, 1)).toEqual(numbered(0, 411).map(({ value }) => value));
  expect(valuesOf(other, behind.id)).toEqual([7, 8, 9]);
  expect(listRuns(other, 1)).toHaveLength(1);
  other.close();
});

test('a rollback leaves what the last checkpoint made permanent', () => {
  const store = newStore();
  const growing = new Growing(store);
  growing.add(10);
  growing.checkpoint();
  const before = dump(store);
  growing.transaction.resume();
  growing.add(10);
  growing.transaction.rollback();
  expect(dump(store)).toEqual(before);
  expect(() => growing.transaction.resume()).toThrow(/has ended/);
});

test('a trace that somebody replaced is not written any further', () => {
  const store = newStore();
  const growing = new Growing(store);
  growing.add(10);
  growing.checkpoint();
  deleteTrace(store, 1);
  // Another trace may have got the number.
  addTrace(store, 'newcomer', numbered(0, 2));
  expect(() => growing.transaction.resume()).toThrow(/^trace 1 was removed from store .* while it was written$/);
  expect(listTraces(store)).toMatchObject([{ id: 1, name: 'newcomer', eventRows: 2 }]);
});

/** A store where somebody is in the middle of reading, and a trace of 10 events that isn't permanent yet. */
function whileRead(): { growing: Growing; other: Store; endReading: () => void } {
  const store = newStore();
  const other = openStore(store.file);
  onTestFinished(() => other.close());
  addTrace(other, 'small', numbered(0, 5));
  store.db.pragma('busy_timeout = 0');
  const growing = new Growing(store);
  growing.add(10);
  const reading = other.db.prepare('SELECT id FROM event').iterate();
  reading.next();
  return { growing, other, endReading: () => void reading.return?.() };
}

function expectBusy(write: () => void): void {
  let failure: unknown;
  try {
    write();
  } catch (error) {
    failure = error;
  }
  expect(failure).toMatchObject({ exitCode: 4 });
  expect(isBusy(failure)).toBe(true);
}

test('a reader in the middle of a statement holds a checkpoint up, and it can be made again', () => {
  const { growing, other, endReading } = whileRead();
  expectBusy(() => growing.checkpoint());
  growing.add(5);
  endReading();
  growing.checkpoint();
  expect(valuesOf(other, 2)).toEqual(numbered(0, 15).map(({ value }) => value));
});

test('a commit that met a reader can be made again: its analysis is stored once', () => {
  const { growing, other, endReading } = whileRead();
  const analysis = { ...NO_ANALYSIS, overview: { told: 'once' } };
  const commit = (): void => void growing.transaction.commit(factsAt(1), [sourceOf(factsAt(1), growing.tally)], analysis);
  expectBusy(commit);
  endReading();
  commit();
  expect(getTrace(other, 2)).toMatchObject({ eventRows: 10 });
  expect(readOverview(other, 2, NO_ANALYSIS.version)).toEqual({ told: 'once' });
});
