import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EXIT } from '../../src/base/errors.js';
import { openStoreForReading } from '../../src/store/open.js';
import type { Store } from '../../src/store/open.js';
import { SCHEMA_VERSION } from '../../src/store/schema.js';
import { querySql } from '../../src/store/sql.js';
import { BARE, addTrace, newStore } from './support.js';

function readOnlyStore(): Store {
  const { file } = newStore();
  const store = openStoreForReading(file);
  onTestFinished(() => store.close());
  return store;
}

test('cells are plain: large integers as text, blobs in hexadecimal', () => {
  const sql = "SELECT 1 AS i, 9007199254740993 AS big, 2.5 AS r, 'x' AS t, x'00ff' AS b, NULL AS n, 1e999 AS inf";
  const { columns, rows } = querySql(readOnlyStore(), sql);
  expect(columns).toEqual(['i', 'big', 'r', 't', 'b', 'n', 'inf']);
  expect([...rows]).toEqual([[1, '9007199254740993', 2.5, 'x', '00ff', null, 'Infinity']]);
});

test('rows come as they are asked for', () => {
  const endless = querySql(readOnlyStore(), 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n');
  const seen: unknown[] = [];
  for (const [i] of endless.rows) {
    seen.push(i);
    if (seen.length === 3) break;
  }
  expect(seen).toEqual([1, 2, 3]);
});

test.each([
  ['DELETE FROM trace', /is no query/],
  ["INSERT INTO kind VALUES (99, 'x') RETURNING id", /is no query/],
  ['PRAGMA user_version = 9', /is no query/],
  ["ATTACH 'attached.db' AS other", /is no query/],
  ["VACUUM INTO 'copy.db'", /is no query/],
  ['BEGIN', /is no query/],
  ['', /contains no statements/],
  ['SELECT 1; SELECT 2', /more than one statement/],
  ['SELECT ?', /Too few parameter values/],
  ['SELECT :name', /Missing named parameters/],
  ['SELEC 1', /syntax error/],
  ['SELECT missing FROM events', /no such column: missing/],
  ["SELECT json('{') FROM traces", /malformed JSON/],
])('%j is refused as wrong use', (sql, message) => {
  const writable = newStore();
  addTrace(writable, 'a', [BARE]);
  const store = openStoreForReading(writable.file);
  onTestFinished(() => store.close());
  const wrongUse = expect.objectContaining({ exitCode: EXIT.usage, message: expect.stringMatching(message) });
  expect(() => [...querySql(store, sql).rows]).toThrow(wrongUse);
  expect(writable.db.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
  for (const name of ['attached.db', 'copy.db']) expect(existsSync(join(dirname(store.file), name)) || existsSync(name)).toBe(false);
});
