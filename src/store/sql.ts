// Read-only execution of a user's SQL. The store must have been opened for reading only: SQLite itself then refuses
// writes; the checks here turn that into usage errors before anything runs.

import Database from 'better-sqlite3';
import { usageError } from '../base/errors.js';
import { storeFailure } from './failure.js';
import type { Store } from './open.js';

/** A cell for people and for JSON: integers beyond 2^53 become decimal text, blobs hexadecimal text. */
export type SqlValue = string | number | null;

/** The rows of a query as they come; iterating runs it. One query at a time per store. */
export interface SqlResult {
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly SqlValue[]>;
}

const SEE_SCHEMA = 'See "bellwether schema" for the views and their columns.';

/** Prepares one statement that returns rows. Throws a usageError when it is faulty, writes, or is not exactly one. */
export function querySql(store: Store, sql: string): SqlResult {
  const statement = prepareQuery(store, sql);
  if (!statement.reader || !statement.readonly) {
    throw writes();
  }
  return { columns: statement.columns().map((column) => column.name), rows: rowsOf(store, statement) };
}

function writes(): Error {
  return usageError('the statement is no query: a store is read-only here, and only statements that return rows are run', [SEE_SCHEMA]);
}

function prepareQuery(store: Store, sql: string): Database.Statement<[], unknown[]> {
  try {
    // bind() refuses a statement with parameters, for which there are no values.
    return store.db.prepare<[], unknown[]>(sql).bind().safeIntegers();
  } catch (error) {
    throw sqlFailure(error, store);
  }
}

function* rowsOf(store: Store, statement: Database.Statement<[], unknown[]>): Generator<readonly SqlValue[]> {
  try {
    for (const row of statement.raw().iterate()) yield row.map(plainValue);
  } catch (error) {
    throw sqlFailure(error, store);
  }
}

/** Faults of the statement are the user's; faults of the file are the store's; anything else is ours. */
function sqlFailure(error: unknown, store: Store): unknown {
  if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_READONLY')) return writes();
  const meaning = storeFailure(error, store.file);
  if (meaning !== error) return meaning;
  // better-sqlite3 throws RangeErrors for no statement, several statements and missing parameters, TypeErrors for
  // missing named parameters.
  if (error instanceof RangeError || error instanceof TypeError) {
    return usageError(`SQL: ${error.message}`, ['Give one SELECT statement without parameters.']);
  }
  if (error instanceof Database.SqliteError) return usageError(`SQL: ${error.message}`, [SEE_SCHEMA]);
  return error;
}

function plainValue(value: unknown): SqlValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'string' ? value : null;
}
