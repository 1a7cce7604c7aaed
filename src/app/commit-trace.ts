// The end of every ingest: is the content new, is the name free, then commit.

import { usageError } from '../base/errors.js';
import type { IngestTransaction, SourceFacts, TraceFacts } from '../store/ingest.js';
import type { Store } from '../store/open.js';
import { findTraceByName, findTraceBySha256 } from '../store/queries.js';
import type { TraceRow } from '../store/queries.js';
import { ANALYSIS_VERSION } from './analysis.js';
import type { Analysis } from './analysis.js';
import { freeName } from './trace-name.js';

export interface UnnamedTrace {
  /** Of the first source: the trace is named after it. */
  readonly path: string;
  readonly facts: Omit<TraceFacts, 'name' | 'toolVersion'>;
  readonly sources: readonly SourceFacts[];
  readonly analysis: Analysis;
}

export interface NamingOptions {
  readonly name?: string | undefined;
  readonly force?: boolean | undefined;
  readonly toolVersion: string;
}

/**
 * Names and commits the trace. Undefined, and rolled back, when its content is known and not to be replaced.
 * Throws a usageError when its name is taken by other content.
 */
export function commitNamed(
  transaction: IngestTransaction,
  store: Store,
  trace: UnnamedTrace,
  { name, force, toolVersion }: NamingOptions,
): TraceRow | undefined {
  const known = findTraceBySha256(store, trace.facts.sha256);
  if (known !== undefined && force !== true) {
    transaction.rollback();
    return undefined;
  }
  const namesake = name === undefined ? undefined : findTraceByName(store, name);
  if (namesake !== undefined && namesake.id !== known?.id && force !== true) {
    throw usageError(`the name ${name} is taken by trace ${namesake.id}, of other content (${namesake.source})`, [
      'Choose another --name, or replace that trace with --force.',
    ]);
  }
  const chosen = name ?? known?.name ?? freeName(trace.path, (taken) => findTraceByName(store, taken) !== undefined);
  const replaced = [...new Set([known?.id, namesake?.id])].filter((id) => id !== undefined);
  const analysis = { version: ANALYSIS_VERSION, ...trace.analysis };
  return transaction.commit({ ...trace.facts, name: chosen, toolVersion }, trace.sources, analysis, replaced);
}
