// Use case: what a store holds.

import { openStoreForReading } from '../store/open.js';
import { listTraces } from '../store/queries.js';
import { traceReport } from './trace-report.js';
import type { TraceReport } from './trace-report.js';

/** Every trace of the store, in the order of the ids. Throws a storeError when there is no such store. */
export function traces(db: string): { readonly traces: readonly TraceReport[] } {
  const store = openStoreForReading(db);
  try {
    return { traces: listTraces(store).map((row) => traceReport(store, row)) };
  } finally {
    store.close();
  }
}
