// Use case: the user's own SQL on a store, read-only.

import { openStoreForReading } from '../store/open.js';
import { querySql } from '../store/sql.js';
import type { SqlValue } from '../store/sql.js';

export interface QueryOptions {
  readonly db: string;
  readonly sql: string;
  /** Rows at most. */
  readonly limit?: number | undefined;
}

/** Receives the rows of a query as they come. */
export interface QuerySink {
  columns(names: readonly string[]): void;
  /** Returns false when no more rows are wanted. */
  row(values: readonly SqlValue[]): boolean;
}

/** Runs the query into the sink. Throws a usageError on faulty SQL, and a storeError when the store can't be read. */
export function query(options: QueryOptions, sink: QuerySink): { readonly rows: number; readonly truncated: boolean } {
  const limit = options.limit ?? Infinity;
  const store = openStoreForReading(options.db);
  try {
    const result = querySql(store, options.sql);
    sink.columns(result.columns);
    let rows = 0;
    for (const row of result.rows) {
      if (rows === limit) return { rows, truncated: true };
      rows += 1;
      if (!sink.row(row)) break;
    }
    return { rows, truncated: false };
  } finally {
    store.close();
  }
}
