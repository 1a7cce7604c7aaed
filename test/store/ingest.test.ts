import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/base/errors.js';
import { IngestTransaction } from '../../src/store/ingest.js';
import { openStore } from '../../src/store/open.js';
import { deleteTrace, findTrace, findTraceBySha256, listRejects, listTraces, recordCounts } from '../../src/store/queries.js';
import { listSources } from '../../src/store/sources.js';
import { EventWriter } from '../../src/trace/batch.js';
import { KIND } from '../../src/trace/event.js';
import { Tally } from '../../src/trace/tally.js';
import { NO_ANALYSIS, factsOf, sourceOf, writeEvents } from '../support/events.js';
import { BARE, addTrace, dump, newStore } from './support.js';

function tallyOfAll(): Tally {
  const tally = new Tally();
  tally.read = 1 + 2 + 1 + 2;
  tally.events = 1;
  tally.lost = 7;
  tally.ignore('dull');
  tally.ignore('dull');
  tally.unknown('strange');
  tally.reject(12, 'bad number', 'new_tail x');
  tally.reject(13, 'bad number', 'new_tail y');
  return tally;
}

test('a committed trace has its facts, counts and rejects', () => {
  const store = newStore();
  const trace = addTrace(store, 'a', [BARE], tallyOfAll());
  const { records, ...facts } = trace;
  expect(facts).toEqual({ ...factsOf('a'), id: 1, spanNs: null, eventRows: 1 });
  expect(records).toEqual({ read: 6, events: 1, ignored: 2, unknown: 1, rejected: 2, lost: 7 });
  expect(recordCounts(store, 1, 'ignored')).toEqual(new Map([['dull', 2]]));
  expect(recordCounts(store, 1, 'unknown')).toEqual(new Map([['strange', 1]]));
  expect(recordCounts(store, 1, 'rejected')).toEqual(new Map([['bad number', 2]]));
  expect(listRejects(store, 1)).toEqual([
    { place: 12, reason: 'bad number', text: 'new_tail x' },
    { place: 13, reason: 'bad number', text: 'new_tail y' },
  ]);
});

test('a trace is found by name, number, hash and the start of the hash', () => {
  const store = newStore();
  const a = addTrace(store, 'a', [BARE]);
  addTrace(store, '1', [BARE]);
  expect(findTrace(store, 'a')).toEqual(a);
  expect(findTrace(store, '1')?.id).toBe(2);
  expect(findTrace(store, '2')?.name).toBe('1');
  expect(findTrace(store, a.sha256.slice(0, 10))).toEqual(a);
  expect(findTraceBySha256(store, a.sha256)).toEqual(a);
  expect(findTrace(store, 'b')).toBeUndefined();
  expect(findTrace(store, '00000000')).toBeUndefined();
});

test('a rolled-back ingest leaves the store as it was', () => {
  const store = newStore();
  addTrace(store, 'a', [BARE], tallyOfAll());
  const before = dump(store);
  const transaction = new IngestTransaction(store);
  writeEvents([BARE, BARE], (batch) => transaction.insert(batch), 1);
  transaction.rollback();
  transaction.rollback();
  expect(dump(store)).toEqual(before);
  expect(() => transaction.commit(factsOf('b'), [], NO_ANALYSIS)).toThrow(/has ended/);
});

test('an ingest that fails while committing leaves the store as it was', () => {
  const store = newStore();
  addTrace(store, 'a', [BARE], tallyOfAll());
  const before = dump(store);
  const transaction = new IngestTransaction(store);
  writeEvents([BARE], (batch) => transaction.insert(batch), 1);
  expect(() => transaction.commit({ ...factsOf('b'), name: 'a' }, [sourceOf(factsOf('b'), tallyOfAll())], NO_ANALYSIS)).toThrow(/UNIQUE constraint failed: trace.name/);
  expect(dump(store)).toEqual(before);
  addTrace(store, 'b', [BARE]);
});

test('deleting a trace deletes what belongs to it and nothing else', () => {
  const store = newStore();
  addTrace(store, 'a', [BARE], tallyOfAll());
  const before = dump(store);
  const b = addTrace(store, 'b', [BARE, BARE], tallyOfAll());
  deleteTrace(store, b.id);
  expect(dump(store)).toEqual(before);
});

test('a commit can replace a trace of the same name and content', () => {
  const store = newStore();
  const old = addTrace(store, 'a', [BARE]);
  const transaction = new IngestTransaction(store);
  writeEvents([BARE, BARE], (batch) => transaction.insert(batch), 1);
  transaction.commit(factsOf('a'), [sourceOf(factsOf('a'), new Tally())], NO_ANALYSIS, [old.id]);
  expect(listTraces(store).map(({ id, name, eventRows }) => ({ id, name, eventRows }))).toEqual([{ id: 2, name: 'a', eventRows: 2 }]);
  expect(store.db.prepare('SELECT count(*) FROM event').pluck().get()).toBe(2);
});

test('an ingest into a store with events behind the last trace is refused, and leaves it as it was', () => {
  const store = newStore();
  addTrace(store, 'a', [BARE]);
  store.db.exec('INSERT INTO event (id, what) VALUES (7 << 32, 0)');
  const before = dump(store);
  expect(() => addTrace(store, 'b', [BARE, BARE])).toThrow(
    expect.objectContaining({ exitCode: EXIT.store, message: expect.stringMatching(/gave an event the id 30064771073, not 8589934593/) }),
  );
  store.db.exec('ROLLBACK');
  expect(dump(store)).toEqual(before);
});

test('the first trace of a store that lost its last one takes its place', () => {
  const store = newStore();
  const [, b] = [addTrace(store, 'a', [BARE]), addTrace(store, 'b', [BARE, BARE])];
  deleteTrace(store, b.id);
  expect(addTrace(store, 'c', [BARE, BARE, BARE]).id).toBe(b.id);
  expect(store.db.prepare('SELECT id FROM event ORDER BY id').pluck().all()).toEqual([2 ** 32, 2 * 2 ** 32, 2 * 2 ** 32 + 1, 2 * 2 ** 32 + 2]);
});

test('a second ingest at the same time is refused as a store problem', () => {
  const store = newStore();
  const first = new IngestTransaction(store);
  const other = openStore(store.file);
  other.db.pragma('busy_timeout = 0');
  expect(() => new IngestTransaction(other)).toThrow(
    expect.objectContaining({ exitCode: EXIT.store, message: expect.stringContaining('is in use by another process') }),
  );
  first.rollback();
  other.close();
});

test('a large transaction moves to the file before its commit: memory stays bounded', () => {
  const store = newStore();
  const emptyBytes = statSync(store.file).size;
  const transaction = new IngestTransaction(store);
  const writer = new EventWriter((batch) => transaction.insert(batch));
  const rows = 1_000_000;
  for (let i = 0; i < rows; i++) writer.batch.place[writer.add(KIND.mark, i)] = i;
  writer.flush();
  expect(statSync(store.file).size).toBeGreaterThan(emptyBytes);
  transaction.rollback();
  expect(statSync(store.file).size).toBe(emptyBytes);
});

test('a trace of several sources has the sum of their records, and each source its own', () => {
  const store = newStore();
  const transaction = new IngestTransaction(store);
  writeEvents([{ ...BARE, source: 0 }, { ...BARE, source: 1, queue: 65_535, value: 2 }], (batch) => transaction.insert(batch), 1);
  const alignment = {
    method: 'between bounds',
    alignedTo: 0,
    offsetNs: -1_795_369_577_145_637_123n,
    driftPpb: -12,
    matches: 100,
    marginNs: 15,
    residualNs: null,
    eventsMerged: 7,
  };
  const a = sourceOf(factsOf('a'), tallyOfAll());
  const b = { ...sourceOf(factsOf('b'), tallyOfAll()), alignment };
  const trace = transaction.commit(factsOf('both'), [a, b], NO_ANALYSIS);

  expect(trace.records).toEqual({ read: 6 + 6, events: 1 + 1, ignored: 2 + 2, unknown: 1 + 1, rejected: 2 + 2, lost: 7 + 7 });
  expect(recordCounts(store, trace.id, 'ignored')).toEqual(new Map([['dull', 2 + 2]]));
  expect(listRejects(store, trace.id)).toHaveLength(2 + 2);
  const [first, second] = listSources(store, trace.id);
  expect(first).toMatchObject({ number: 0, source: 'a.log', records: { read: 6 }, alignment: null });
  expect(second).toMatchObject({ number: 1, source: 'b.log', records: { read: 6 }, alignment });
  expect(store.db.prepare('SELECT seq, source, queue, value FROM events ORDER BY seq').raw().all()).toEqual([
    [0, 0, null, null],
    [1, 1, 65_535, 2],
  ]);
});
