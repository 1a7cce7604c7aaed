// Opening and creating a store: one SQLite file with our application_id.
//
// Journal: rollback (journal_mode = DELETE), not WAL. The store is then one file that can be copied, mailed and read
// from read-only media; a bulk load appends pages, which a rollback journal doesn't have to save, while WAL would write
// each page twice; and an interrupted ingest is undone by whoever opens the store next. The price: nobody reads while an
// ingest writes pages. Measured insert rates don't differ.

import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { storeError } from '../base/errors.js';
import { storeFailure } from './failure.js';
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from './schema.js';

/** How long a statement waits for another process's lock before it fails. */
const BUSY_TIMEOUT_MS = 5000;
/** Page cache: beyond it SQLite writes pages of an open transaction to the file, so that memory stays bounded. */
const CACHE_KIB = 16 * 1024;
/** Of a new store; a store keeps the size that it was made with. Fewer, larger pages: inserts and commits cost less. */
const PAGE_BYTES = 16 * 1024;

/** An open store. Close it when done. */
export interface Store {
  /** Absolute path. */
  readonly file: string;
  readonly db: Database.Database;
  close(): void;
}

export interface StoreOptions {
  /** Create the store if there is none; true unless it is given. */
  readonly create?: boolean;
  /** How long statements wait for another process's lock, once the store is open: the process does nothing else meanwhile. */
  readonly busyTimeoutMs?: number | undefined;
}

/**
 * Opens the store in `file` for reading and writing, creating it unless `create` is false, and brings an older one up to date.
 * Throws a storeError when the file is missing, not ours, of a newer version, damaged, locked, or can't be written.
 */
export function openStore(file: string, options: StoreOptions = {}): Store {
  const path = resolve(file);
  const exists = checkPath(path);
  if (!exists && options.create === false) throw missing(path);
  return opened(path, (db) => {
    const version = checkOurs(db, path);
    // Before the cache, which SQLite would keep at its number of pages.
    if (version === 0) db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma(`cache_size = -${CACHE_KIB}`);
    if (db.pragma('journal_mode = DELETE', { simple: true }) !== 'delete') {
      throw storeError(`store ${path} could not be switched to a rollback journal`, {
        suggestions: ['Close the other programs that have it open.'],
      });
    }
    migrate(db, version);
    if (options.busyTimeoutMs !== undefined) db.pragma(`busy_timeout = ${options.busyTimeoutMs}`);
  });
}

/**
 * Opens an existing store for reading only. A store that an interrupted process left half-written, or of an older
 * version, is first repaired or brought up to date, which needs write access once.
 * Throws a storeError when the file is missing, not ours, of a newer version, damaged or locked.
 */
export function openStoreForReading(file: string): Store {
  const path = resolve(file);
  if (!checkPath(path)) throw missing(path);
  if (needsWriter(path)) openStore(path, { create: false }).close();
  return opened(path, (db) => checkOurs(db, path), true);
}

/** Whether a journal of an interrupted write, or an older version, has to be dealt with first. */
function needsWriter(path: string): boolean {
  if (existsSync(`${path}-journal`)) return true;
  const store = opened(path, () => undefined, true);
  try {
    return checkOurs(store.db, path) < SCHEMA_VERSION;
  } catch (error) {
    throw storeFailure(error, path);
  } finally {
    store.close();
  }
}

function opened(path: string, prepare: (db: Database.Database) => void, readonly = false): Store {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly, timeout: BUSY_TIMEOUT_MS });
    const open = db;
    // A store may come from someone else: its views get no functions with side effects, and its pages are checked.
    open.pragma('trusted_schema = OFF');
    open.pragma('cell_size_check = ON');
    prepare(open);
    return { file: path, db: open, close: () => open.close() };
  } catch (error) {
    db?.close();
    throw storeFailure(error, path);
  }
}

/** The schema version of a file that is ours; 0 for an empty one. */
function checkOurs(db: Database.Database, path: string): number {
  const applicationId = Number(db.pragma('application_id', { simple: true }));
  const version = Number(db.pragma('user_version', { simple: true }));
  const objects = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  if (applicationId === 0 && version === 0 && objects === 0) return 0;
  if (applicationId !== APPLICATION_ID) {
    throw storeError(`${path} is a database of another program (application_id ${applicationId}, ours is ${APPLICATION_ID})`, {
      suggestions: ['Name another file with --db.'],
    });
  }
  if (version > SCHEMA_VERSION) {
    throw storeError(`store ${path} has version ${version}; this release knows versions up to ${SCHEMA_VERSION}`, {
      suggestions: ['Use the release that wrote it, or a newer one.', 'Ingest the captures again into another file with --db.'],
    });
  }
  return version;
}

function migrate(db: Database.Database, version: number): void {
  if (version === SCHEMA_VERSION) return;
  const apply = db.transaction(() => {
    // Another process may have been faster: the version counts once the lock is held.
    const from = Number(db.pragma('user_version', { simple: true }));
    for (const sql of MIGRATIONS.slice(from)) db.exec(sql);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  });
  apply.immediate();
}

/** Whether the file exists; throws when its folder doesn't, or when it is no regular file. */
function checkPath(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return true;
  if (stats !== undefined) throw storeError(`${path} is not a file`, { suggestions: ['Name a file with --db.'] });
  const folder = dirname(path);
  if (!existsSync(folder)) {
    throw storeError(`store ${path} can't be created: there is no folder ${folder}`, { suggestions: ['Create the folder first.'] });
  }
  return false;
}

function missing(path: string): Error {
  return storeError(`there is no store ${path}`, {
    suggestions: ['Create it with "bellwether ingest FILE", or name another one with --db FILE or BELLWETHER_DB.'],
  });
}
