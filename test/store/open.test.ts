import Database from 'better-sqlite3';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BellwetherError, EXIT } from '../../src/base/errors.js';
import { openStore, openStoreForReading } from '../../src/store/open.js';
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from '../../src/store/schema.js';
import { listSources } from '../../src/store/sources.js';
import { tempFolder } from '../support/temp.js';
import { BARE, addTrace, newStore } from './support.js';

function refusal(action: () => unknown): BellwetherError {
  try {
    action();
  } catch (error) {
    if (error instanceof BellwetherError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function expectRefusal(file: string, message: RegExp): void {
  for (const open of [openStore, openStoreForReading]) {
    const error = refusal(() => open(file));
    expect(error.message).toMatch(message);
    expect(error.exitCode).toBe(EXIT.store);
    expect(error.suggestions).not.toEqual([]);
  }
}

test('a new store is one file of the current version with a rollback journal', () => {
  const store = newStore();
  expect(store.db.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
  expect(store.db.pragma('application_id', { simple: true })).toBe(0x42574442);
  expect(store.db.pragma('journal_mode', { simple: true })).toBe('delete');
  expect(store.db.pragma('foreign_keys', { simple: true })).toBe(1);
  expect(store.db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(readdirSync(dirname(store.file))).toEqual(['test.db']);
});

test('a new store has pages of 16 KiB; one with other pages keeps them', () => {
  expect(newStore().db.pragma('page_size', { simple: true })).toBe(16_384);
  const old = newStore();
  old.db.exec('PRAGMA page_size = 4096; VACUUM');
  old.close();
  const again = newStore(old.file);
  addTrace(again, 'a', [BARE]);
  expect(again.db.pragma('page_size', { simple: true })).toBe(4096);
});

test('opening again keeps what is there', () => {
  const store = newStore();
  addTrace(store, 'a', [BARE]);
  store.close();
  const again = openStore(store.file, { create: false });
  expect(again.db.prepare('SELECT count(*) FROM events').pluck().get()).toBe(1);
  again.close();
});

test('an empty file becomes a store', () => {
  const file = join(tempFolder(), 'empty.db');
  writeFileSync(file, '');
  openStore(file).close();
  openStoreForReading(file).close();
});

test('a store in WAL mode goes back to one file', () => {
  const store = newStore();
  store.db.pragma('journal_mode = WAL');
  store.close();
  newStore(store.file);
  expect(readdirSync(dirname(store.file))).toEqual(['test.db']);
});

test('reading refuses to write', () => {
  const { file } = newStore();
  const store = openStoreForReading(file);
  expect(() => store.db.exec('DELETE FROM trace')).toThrow(/readonly/);
  store.close();
});

test('a missing store is not created for reading', () => {
  const file = join(tempFolder(), 'none.db');
  expect(refusal(() => openStoreForReading(file)).message).toBe(`there is no store ${file}`);
  expect(refusal(() => openStore(file, { create: false })).message).toBe(`there is no store ${file}`);
  expect(existsSync(file)).toBe(false);
});

test('a file that is no database is refused', () => {
  const file = join(tempFolder(), 'text.db');
  writeFileSync(file, 'This is a text file, long enough to be taken for the header of a database, which has 100 bytes.\n'.repeat(20));
  expectRefusal(file, /^store .*text\.db is not a store \(file is not a database\)$/);
});

test('a database of another program is refused and left alone', () => {
  const file = join(tempFolder(), 'other.db');
  const other = new Database(file);
  other.exec('CREATE TABLE theirs (x)');
  other.close();
  expectRefusal(file, /is a database of another program \(application_id 0, ours is 1113015362\)$/);
});

test('a newer version is refused', () => {
  const store = newStore();
  store.db.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
  store.close();
  expectRefusal(store.file, new RegExp(`has version ${SCHEMA_VERSION + 1}; this release knows versions up to ${SCHEMA_VERSION}$`));
});

test('a damaged file is refused', () => {
  const store = newStore();
  store.db.close();
  const file = join(tempFolder(), 'damaged.db');
  const bytes = Buffer.alloc(8192, 0xff);
  const whole = Buffer.from(new Database(store.file).serialize());
  // The header stays; the page of the schema becomes nonsense.
  whole.copy(bytes, 0, 0, 100);
  writeFileSync(file, bytes);
  expectRefusal(file, /is damaged \(database disk image is malformed\)$/);
});

test('a folder, and a file in a missing folder, are refused', () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'sub'));
  expectRefusal(join(folder, 'sub'), /sub is not a file$/);
  expectRefusal(join(folder, 'nowhere', 'a.db'), /can't be created: there is no folder .*nowhere$/);
});

test.skipIf(process.platform !== 'linux')('a folder that takes no files is refused', () => {
  const error = refusal(() => openStore('/proc/a.db'));
  expect(error.message).toMatch(/^store \/proc\/a\.db could not be opened or created/);
  expect(error.exitCode).toBe(EXIT.store);
});

test('odd names are names of files, not of databases in memory', () => {
  const folder = tempFolder();
  openStore(join(folder, ':memory:')).close();
  expect(readdirSync(folder)).toEqual([':memory:']);
});

test('a store of version 1 keeps its traces, records, rejects and runs', () => {
  const file = join(tempFolder(), 'old.db');
  const old = new Database(file);
  old.exec(MIGRATIONS[0]!);
  old.exec(`
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = 1;
    INSERT INTO trace VALUES (3, 'a', 'qemu-log', 'd', 'f00d', 'a.log', 9, 'realtime', 5, 7, '0.1.0', 6, 1, 2, 1, 2, 4, 1);
    INSERT INTO event (id, what, time_ns) VALUES (3 << 32, (3 << 15) + 1, 7);
    INSERT INTO record_count VALUES (3, 'ignored', 'dull', 2);
    INSERT INTO reject VALUES (3, 0, 12, 'bad number', 'x');
    INSERT INTO run VALUES (7, 'r', 3, 'k', '0.1.0', '{}', '[]');
  `);
  old.close();

  const store = openStore(file);
  onTestFinished(() => store.close());
  expect(store.db.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
  expect(store.db.prepare('SELECT trace, source, class, name, count FROM records').raw().all()).toEqual([['a', 0, 'ignored', 'dull', 2]]);
  expect(store.db.prepare('SELECT trace, source, number, place, reason, text FROM rejects').raw().all()).toEqual([['a', 0, 0, 12, 'bad number', 'x']]);
  expect(store.db.prepare('SELECT trace, kind, queue, source, time_ns FROM events').raw().all()).toEqual([['a', 'doorbell.mmio', 2, 0, 7]]);
  expect(store.db.prepare('SELECT id, name, trace, key FROM runs').raw().all()).toEqual([[7, 'r', 'a', 'k']]);
  expect(listSources(store, 3)).toEqual([
    {
      number: 0,
      source: 'a.log',
      format: 'qemu-log',
      dialect: 'd',
      sha256: 'f00d',
      bytes: 9,
      clock: 'realtime',
      records: { read: 6, events: 1, ignored: 2, unknown: 1, rejected: 2, lost: 4 },
      alignment: null,
    },
  ]);
});
