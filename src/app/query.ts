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
  /** False, at once or later, when no more rows are wanted: the next one waits for the answer. */
  row(values: readonly SqlValue[]): boolean | Promise<boolean>;
}

/** Runs the query into the sink. Throws a usageError on faulty SQL, and a storeError when the store can't be read. */
export async function query(options: QueryOptions, sink: QuerySink): Promise<{ readonly rows: number; readonly truncated: boolean }> {
  const limit = options.limit ?? Infinity;
  const store = openStoreForReading(options.db);
  try {
    const result = querySql(store, options.sql);
    sink.columns(result.columns);
    let rows = 0;
    for (const row of result.rows) {
      if (rows === limit) return { rows, truncated: true };
      rows += 1;
      const more = sink.row(row);
      // Most rows need no waiting, which would take longer than the row.
      if (more !== true && !(await more)) break;
    }
    return { rows, truncated: false };
  } finally {
    store.close();
  }
}
