import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { IngestTransaction } from '../../src/store/ingest.js';
import type { TraceRow } from '../../src/store/queries.js';
import { readEvents } from '../../src/store/reader.js';
import { Tally } from '../../src/trace/tally.js';
import { NO_ANALYSIS, anyEvent, factsOf, sourceOf, plainEvents, writeEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { BARE, addTrace, newStore } from './support.js';

test('events come back exactly as they were written, whatever the sizes of the batches', () => {
  const store = newStore();
  let traces = 0;
  fc.assert(
    fc.property(
      fc.array(anyEvent, { minLength: 1, maxLength: 600 }),
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 1, max: 700 }),
      (events, written, read) => {
        const transaction = new IngestTransaction(store);
        writeEvents(events, (batch) => transaction.insert(batch), written);
        traces += 1;
        const facts = factsOf(`trace ${traces}`);
        const trace = transaction.commit(facts, [sourceOf(facts, new Tally())], NO_ANALYSIS);
        const back: PlainEvent[] = [];
        expect(readEvents(store, trace, (batch) => back.push(...plainEvents(batch)), read)).toBe(events.length);
        expect(back).toEqual(events);
      },
    ),
    { numRuns: 60 },
  );
});

test('each trace is read on its own, in order', () => {
  const store = newStore();
  const a = addTrace(store, 'a', [{ ...BARE, value: 1 }, { ...BARE, value: 2 }]);
  const b = addTrace(store, 'b', [{ ...BARE, value: 3 }]);
  expect(values(a)).toEqual([1, 2]);
  expect(values(b)).toEqual([3]);

  function values(trace: TraceRow): number[] {
    const found: number[] = [];
    readEvents(store, trace, (batch) => found.push(...batch.value.subarray(0, batch.length)));
    return found;
  }
});

test('the span is the latest minus the earliest time, and null without times', () => {
  const store = newStore();
  const timed = addTrace(store, 'timed', [{ ...BARE, timeNs: 700 }, BARE, { ...BARE, timeNs: 200 }]);
  expect(timed.spanNs).toBe(700 - 200);
  expect(addTrace(store, 'untimed', [BARE]).spanNs).toBeNull();
});

test('a value that is no whole number is refused, not rounded', () => {
  expect(() => addTrace(newStore(), 'a', [{ ...BARE, value: 0.5 }])).toThrow(/cannot store REAL value in INTEGER column/);
});

test('missing rows are an error, not a shorter trace', () => {
  const store = newStore();
  const trace = addTrace(store, 'a', [BARE, BARE, BARE]);
  store.db.exec('DELETE FROM event WHERE id = (SELECT max(id) FROM event)');
  expect(() => readEvents(store, trace, () => {})).toThrow(/: trace 1 should have 3 events from number 0 on, but has 2$/);
});

test('what the consumer throws comes out as it is, and the store stays usable', () => {
  const store = newStore();
  const trace = addTrace(store, 'a', [BARE]);
  const failure = new Error('enough');
  expect(() =>
    readEvents(store, trace, () => {
      throw failure;
    }),
  ).toThrow(failure);
  addTrace(store, 'b', [BARE]);
});
