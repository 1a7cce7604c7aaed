// The public interface of a store: its views, with one line of documentation per column.
// The SQL of the views is in schema.ts; a test compares the two.

import { ensure } from '../base/assert.js';
import type { Column } from '../base/table.js';
import { ANALYSED } from './views/analysed.js';
import { COMPUTED } from './views/computed.js';
import { INGESTED } from './views/ingested.js';

export interface ViewDoc {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly Column[];
}

/** Views of which the rows of single traces or runs are read in bulk: see view-reader.ts. */
export const READABLE_VIEWS = ['events', 'doorbells', 'commands', 'occupancy', 'queues', 'runs', 'sweep_cells', 'sweep_points'] as const;
export type ReadableView = (typeof READABLE_VIEWS)[number];

/** The public views with their columns, what they mean and what they hold, in the order in which `bellwether schema` shows them. */
export function describeSchema(): readonly ViewDoc[] {
  return [...INGESTED, ...ANALYSED, ...COMPUTED].map((view) => ({ ...view, columns: view.columns.map((column) => ({ ...column, type: column.type ?? 'integer' })) }));
}

/** One view; throws when none is called so. */
export function describeView(name: string): ViewDoc {
  return ensure(
    describeSchema().find((view) => view.name === name),
    `view ${name}`,
  );
}
