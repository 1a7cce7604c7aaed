// Named queries on the sources of a trace.

import type { RecordCounts } from '../trace/tally.js';
import { guarded } from './failure.js';
import type { SourceAlignment } from './ingest.js';
import type { Store } from './open.js';

/** A source as the store knows it; see the view `sources` for what its columns mean. */
export interface SourceRow {
  readonly number: number;
  readonly source: string;
  readonly format: string;
  readonly dialect: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly clock: string;
  readonly records: RecordCounts;
  /** Null for a source that stands alone. */
  readonly alignment: SourceAlignment | null;
}

type Cell = string | bigint | null;

/** The sources of a trace, in their order: one, unless several were joined. */
export function listSources(store: Store, traceId: number): readonly SourceRow[] {
  const select = store.db
    .prepare<[number], Record<string, Cell>>('SELECT * FROM source WHERE trace_id = ? ORDER BY number')
    .safeIntegers();
  return guarded(store.file, () => select.all(traceId)).map(sourceRow);
}

function sourceRow(row: Readonly<Record<string, Cell>>): SourceRow {
  const text = (name: string): string => String(row[name]);
  const number = (name: string): number => Number(row[name]);
  const numberOrNull = (name: string): number | null => (row[name] === null ? null : number(name));
  return {
    number: number('number'),
    source: text('source'),
    format: text('format'),
    dialect: text('dialect'),
    sha256: text('sha256'),
    bytes: number('bytes'),
    clock: text('clock'),
    records: {
      read: number('records_read'),
      events: number('records_events'),
      ignored: number('records_ignored'),
      unknown: number('records_unknown'),
      rejected: number('records_rejected'),
      lost: number('records_lost'),
    },
    alignment:
      row['method'] === null
        ? null
        : {
            method: text('method'),
            alignedTo: number('aligned_to'),
            offsetNs: BigInt(row['offset_ns'] ?? 0),
            driftPpb: number('drift_ppb'),
            matches: number('matches'),
            marginNs: numberOrNull('margin_ns'),
            residualNs: numberOrNull('residual_ns'),
            eventsMerged: number('events_merged'),
          },
  };
}
