// What the command line says about a trace, with the keys of its JSON output.

import type { RecordCounts } from '../trace/tally.js';
import type { Store } from '../store/open.js';
import { recordCounts } from '../store/queries.js';
import { listSources } from '../store/sources.js';
import type { SourceRow } from '../store/sources.js';
import type { TraceRow } from '../store/queries.js';

/** A trace in JSON output. Keys in snake_case; no bigint. */
export interface TraceReport {
  readonly id: number;
  readonly name: string;
  readonly format: string;
  readonly dialect: string;
  readonly sha256: string;
  readonly source: string;
  readonly bytes: number;
  readonly records: RecordCounts;
  /** Well-formed records of names that no table knows: name -> count. */
  readonly unknown: Readonly<Record<string, number>>;
  /** Rows of events: a record can yield several. */
  readonly event_rows: number;
  readonly clock: string;
  /** Decimal text: beyond 2^53. */
  readonly origin_ns: string;
  /** Null without time stamps. */
  readonly span_ns: number | null;
  readonly tool_version: string;
  /** One, unless several captures were joined. */
  readonly sources: readonly SourceReport[];
}

/** A source in JSON output. */
export interface SourceReport {
  readonly source: string;
  readonly format: string;
  readonly dialect: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly clock: string;
  readonly records: RecordCounts;
  /** Null for a source that stands alone. */
  readonly alignment: {
    readonly method: string;
    readonly aligned_to: number;
    /** Decimal text: beyond 2^53. */
    readonly offset_ns: string;
    readonly drift_ppb: number;
    readonly matches: number;
    readonly margin_ns: number | null;
    readonly residual_ns: number | null;
    readonly events_merged: number;
  } | null;
}

/** Describes a trace of the store. */
export function traceReport(store: Store, row: TraceRow): TraceReport {
  return {
    id: row.id,
    name: row.name,
    format: row.format,
    dialect: row.dialect,
    sha256: row.sha256,
    source: row.source,
    bytes: row.bytes,
    records: row.records,
    unknown: Object.fromEntries(recordCounts(store, row.id, 'unknown')),
    event_rows: row.eventRows,
    clock: row.clock,
    origin_ns: String(row.originNs),
    span_ns: row.spanNs,
    tool_version: row.toolVersion,
    sources: listSources(store, row.id).map(sourceReport),
  };
}

function sourceReport({ source, format, dialect, sha256, bytes, clock, records, alignment: a }: SourceRow): SourceReport {
  const alignment =
    a === null
      ? null
      : {
          method: a.method,
          aligned_to: a.alignedTo,
          offset_ns: String(a.offsetNs),
          drift_ppb: a.driftPpb,
          matches: a.matches,
          margin_ns: a.marginNs,
          residual_ns: a.residualNs,
          events_merged: a.eventsMerged,
        };
  return { source, format, dialect, sha256, bytes, clock, records, alignment };
}
