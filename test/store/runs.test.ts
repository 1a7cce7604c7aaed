import { expect, test } from 'vitest';
import { deleteTrace } from '../../src/store/queries.js';
import { findRun, findRunByKey, insertRun, listRuns } from '../../src/store/runs.js';
import { BARE, addTrace, newStore } from './support.js';

const run = {
  name: 'r',
  traceId: 1,
  key: 'k1',
  version: '0.1.0',
  parameters: { policy: 'eager', seed: 1 },
  result: { saved: [0.5, null] },
};

test('a run comes back as it was stored', () => {
  const store = newStore();
  addTrace(store, 'a', [BARE]);
  expect(insertRun(store, run)).toEqual({ ...run, id: 1 });
  expect(findRunByKey(store, 'k1')).toEqual({ ...run, id: 1 });
  expect(findRunByKey(store, 'k2')).toBeUndefined();
});

test('a run of a described workload belongs to no trace', () => {
  const store = newStore();
  expect(insertRun(store, { ...run, traceId: null })).toEqual({ ...run, traceId: null, id: 1 });
  expect(listRuns(store)).toEqual([{ ...run, traceId: null, id: 1 }]);
  expect(store.db.prepare('SELECT name, trace FROM runs').raw().all()).toEqual([['r', null]]);
});

test('a run of the same key is overwritten and keeps its id', () => {
  const store = newStore();
  addTrace(store, 'a', [BARE]);
  insertRun(store, run);
  expect(insertRun(store, { ...run, result: 2 })).toEqual({ ...run, id: 1, result: 2 });
  expect(listRuns(store)).toEqual([{ ...run, id: 1, result: 2 }]);
});

test('a reference means the latest run of that name, else the number', () => {
  const store = newStore();
  addTrace(store, 'a', [BARE]);
  insertRun(store, run);
  insertRun(store, { ...run, key: 'k2' });
  expect(findRun(store, 'r')?.id).toBe(2);
  expect(findRun(store, '1')?.key).toBe('k1');
  expect(findRun(store, '3')).toBeUndefined();
  expect(findRun(store, 'x')).toBeUndefined();
});

test('runs belong to a trace, and go with it', () => {
  const store = newStore();
  expect(() => insertRun(store, run)).toThrow(/FOREIGN KEY/);
  addTrace(store, 'a', [BARE]);
  addTrace(store, 'b', [BARE]);
  insertRun(store, run);
  insertRun(store, { ...run, traceId: 2, key: 'k2' });
  expect(listRuns(store, 2).map(({ key }) => key)).toEqual(['k2']);
  deleteTrace(store, 1);
  expect(listRuns(store).map(({ key }) => key)).toEqual(['k2']);
});
