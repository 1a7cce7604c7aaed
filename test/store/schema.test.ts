import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KIND, KIND_NAMES, SIDE_CQ, SIDE_SQ } from '../../src/trace/event.js';
import { insertRun } from '../../src/store/runs.js';
import { describeSchema } from '../../src/store/views.js';
import { BARE, addTrace, newStore } from './support.js';

test('the documented views are the views, column by column', () => {
  const { db } = newStore();
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name").pluck().all();
  expect(describeSchema().map((view) => view.name).toSorted()).toEqual(names);
  for (const view of describeSchema()) {
    const columns = db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(view.name);
    expect(view.columns.map((column) => column.name), view.name).toEqual(columns);
  }
});

test('the table of kinds says what the code says', () => {
  const kinds = newStore().db.prepare('SELECT name, id FROM kind ORDER BY id').raw().all();
  expect(kinds).toEqual(KIND_NAMES.map((name) => [name, KIND[name]]));
});

test('every table is strict', () => {
  const { db } = newStore();
  const lax = "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite%'";
  expect(db.prepare(lax).pluck().all()).toEqual([]);
});

test('the views show names instead of numbers', () => {
  const store = newStore();
  const trace = addTrace(store, 'a', [
    { ...BARE, kind: KIND['doorbell.mmio'], timeNs: 5, queue: 1, side: SIDE_SQ, value: 7, place: 1 },
    { ...BARE, kind: KIND['command.complete'], timeNs: 6, queue: 1, cid: 3, status: 0, place: 2 },
    { ...BARE, kind: KIND.eventidx, timeNs: 7, queue: 1, side: SIDE_CQ, value: 8, place: 3 },
  ]);
  expect(store.db.prepare('SELECT trace, seq, kind, time_ns, queue, side, cid, status, value FROM events').raw().all()).toEqual([
    ['a', 0, 'doorbell.mmio', 5, 1, 'sq', null, null, 7],
    ['a', 1, 'command.complete', 6, 1, null, 3, 0, null],
    ['a', 2, 'eventidx', 7, 1, 'cq', null, null, 8],
  ]);
  expect(store.db.prepare('SELECT seq, kind, side, value FROM doorbells').raw().all()).toEqual([
    [0, 'doorbell.mmio', 'sq', 7],
    [2, 'eventidx', 'cq', 8],
  ]);
  insertRun(store, { name: 'r', traceId: trace.id, key: 'k', version: '0', parameters: { seed: 1 }, result: [] });
  expect(store.db.prepare("SELECT name, trace, parameters ->> 'seed' FROM runs").raw().all()).toEqual([['r', 'a', 1]]);
});

test('events of one trace are found as one range of the table', () => {
  const explain = "EXPLAIN QUERY PLAN SELECT count(*) FROM events WHERE trace = 'a' AND kind = 'eventidx'";
  const plan = newStore().db.prepare<[], { readonly detail: string }>(explain).all();
  const details = plan.map(({ detail }) => detail);
  expect(details).toContainEqual(expect.stringMatching(/^SEARCH e USING INTEGER PRIMARY KEY \(rowid>\? AND rowid<\?\)/));
  expect(details.filter((detail) => detail.startsWith('SCAN'))).toEqual([]);
});

test('docs/schema.md describes the same views and every kind', () => {
  const text = readFileSync(new URL('../../docs/schema.md', import.meta.url), 'utf8');
  const sections = describeSchema().map((view) => {
    const rows = view.columns.map((column) => `| \`${column.name}\` | ${column.doc} |\n`);
    return `### ${view.name}: ${view.doc}\n\n| column | meaning |\n|---|---|\n${rows.join('')}`;
  });
  for (const section of sections) expect(text).toContain(section);
  for (const kind of KIND_NAMES) expect(text).toContain(`\`${kind}\``);
});
