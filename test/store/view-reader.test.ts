import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cell } from '../../src/base/table.js';
import type { Store } from '../../src/store/open.js';
import { insertRun } from '../../src/store/runs.js';
import { viewBatches } from '../../src/store/view-reader.js';
import type { Selection } from '../../src/store/view-reader.js';
import { describeSchema } from '../../src/store/views.js';
import type { ReadableView } from '../../src/store/views.js';
import { anyEvent } from '../support/events.js';
import { holds } from '../support/property.js';
import { BARE, addTrace, newStore } from './support.js';

function rowsOf(store: Store, view: ReadableView, selection: Selection, batchRows?: number): Cell[][] {
  return [...viewBatches(store, view, selection, batchRows)].flatMap(({ length, columns }) =>
    Array.from({ length }, (_, row) => columns.map((cells) => cells[row]!)),
  );
}

/** The same rows as SQL sorts them. */
function sorted(store: Store, view: ReadableView, order: string, trace: string): unknown[] {
  return store.db.prepare(`SELECT * FROM ${view} WHERE trace = ? ORDER BY ${order}`).safeIntegers().raw().all(trace);
}

test('events and doorbells come as SQL sorts them, in batches of any size', () => {
  const store = newStore();
  let traces = 0;
  holds(
    fc.property(fc.array(anyEvent, { maxLength: 200 }), fc.integer({ min: 1, max: 250 }), (events, batchRows) => {
      const trace = `trace ${traces++}`;
      addTrace(store, trace, events);
      for (const view of ['events', 'doorbells'] as const) {
        expect(rowsOf(store, view, { column: 'trace', value: trace }, batchRows)).toEqual(sorted(store, view, 'seq', trace));
      }
    }),
    40,
  );
});

test('batches are full but for the last, and no batch is empty', () => {
  const store = newStore();
  addTrace(store, 'a', Array.from({ length: 7 }, () => BARE));
  expect([...viewBatches(store, 'events', { column: 'trace', value: 'a' }, 3)].map(({ length }) => length)).toEqual([3, 3, 1]);
  expect([...viewBatches(store, 'events', { column: 'trace', value: 'none' }, 3)]).toEqual([]);
});

test('long texts end a batch early', () => {
  const store = newStore();
  const { id: traceId } = addTrace(store, 'a', [BARE]);
  for (let n = 0; n < 5; n++) insertRun(store, { name: 'r', traceId, key: `k${n}`, version: '0', parameters: {}, result: 'x'.repeat(3 << 20) });
  expect([...viewBatches(store, 'runs', { column: 'trace', value: 'a' })].map(({ length }) => length)).toEqual([2, 2, 1]);
  expect(rowsOf(store, 'runs', { column: 'id', value: 4n }).map((row) => row[0])).toEqual([4n]);
});

test('a store that holds what its documentation rules out is refused', () => {
  const store = newStore();
  const { db } = store;
  const replaceDoorbells = (select: string): void => {
    db.exec(`DROP VIEW doorbells; CREATE VIEW doorbells AS ${select}`);
  };
  const doorbells = (): unknown => rowsOf(store, 'doorbells', { column: 'trace', value: 'a' });
  const row = "'a' AS trace, 0 AS seq, 'eventidx' AS kind, 1 AS time_ns, 1 AS thread, 0 AS controller, 1 AS queue, 'sq' AS side, 2 AS value";
  replaceDoorbells(`SELECT ${row}`);
  expect(doorbells()).toEqual([['a', 0n, 'eventidx', 1n, 1n, 0n, 1n, 'sq', 2n]]);
  replaceDoorbells(`SELECT ${row.replace("'sq'", "'<img>'")}`);
  expect(doorbells).toThrow(/column side holds "<img>", which is none of its values/);
  replaceDoorbells(`SELECT ${row.replace('1 AS time_ns', '0.5 AS time_ns')}`);
  expect(doorbells).toThrow(/column time_ns holds a real number instead of an integer/);
  replaceDoorbells(`SELECT ${row.replace('1 AS queue', "x'00' AS queue")}`);
  expect(doorbells).toThrow(/column queue holds a blob instead of an integer/);
  replaceDoorbells(`SELECT ${row} UNION ALL SELECT ${row}`);
  expect(doorbells).toThrow(/column seq goes from 0 to 0/);
  replaceDoorbells(`SELECT ${row.replace('0 AS seq', 'NULL AS seq')}`);
  expect(doorbells).toThrow(/column seq goes from -1 to null/);
});

test('every view has a type for each column, and values only for text', () => {
  for (const view of describeSchema()) {
    for (const { name, type, values } of view.columns) {
      if (name.endsWith('_ns')) expect(type, `${view.name}.${name}`).toBe('integer');
      if (values !== undefined) expect(type, `${view.name}.${name}`).toBe('text');
    }
  }
});
