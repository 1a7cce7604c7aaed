// The end of every ingest: is the content new, is the name free, then commit.

import { usageError } from '../base/errors.js';
import type { AnalysisRows } from '../store/analysis.js';
import type { IngestTransaction, SourceFacts, TraceFacts } from '../store/ingest.js';
import type { Store } from '../store/open.js';
import { findTraceByName, findTraceBySha256 } from '../store/queries.js';
import type { TraceRow } from '../store/queries.js';
import { ANALYSIS_VERSION } from './analysis.js';
import type { Analysis } from './analysis.js';
import { freeName } from './trace-name.js';

/** A trace that may go on growing. */
export interface TraceSoFar {
  /** Of the first source: the trace is named after it. */
  readonly path: string;
  readonly facts: Omit<TraceFacts, 'name' | 'toolVersion'>;
  readonly sources: readonly SourceFacts[];
}

/** A trace that has ended. */
export interface UnnamedTrace extends TraceSoFar {
  readonly analysis: Analysis;
}

/** Its analysis as the store takes it. */
export function analysisRows({ analysis }: UnnamedTrace): AnalysisRows {
  return { version: ANALYSIS_VERSION, ...analysis };
}

export interface NamingOptions {
  readonly name?: string | undefined;
  readonly force?: boolean | undefined;
  readonly toolVersion: string;
}

/** Throws a usageError for a name without a character. */
export function refuseEmptyName(name: string | undefined): void {
  if (name?.trim() === '') throw usageError('--name is empty', ['Give the trace a name, or leave --name out.']);
}

/** Where a trace goes in the store. */
export interface Placement {
  readonly name: string;
  /** Numbers of the traces that it replaces. */
  readonly replaced: readonly number[];
}

/**
 * Finds the place of a trace. Undefined when its content is known and not to be replaced; a trace that is being
 * followed is in the store already, under the number `own`.
 * Throws a usageError when its name is taken by other content.
 */
export function placeTrace(
  store: Store,
  { path, sha256 }: { readonly path: string; readonly sha256: string },
  { name, force }: Omit<NamingOptions, 'toolVersion'>,
  own?: number,
): Placement | undefined {
  const known = other(findTraceBySha256(store, sha256), own);
  if (known !== undefined && force !== true) return undefined;
  const namesake = name === undefined ? undefined : other(findTraceByName(store, name), own);
  if (namesake !== undefined && namesake.id !== known?.id && force !== true) {
    throw usageError(`the name ${name} is taken by trace ${namesake.id}, of other content (${namesake.source})`, [
      'Choose another --name, or replace that trace with --force.',
    ]);
  }
  const chosen = name ?? known?.name ?? freeName(path, (taken) => findTraceByName(store, taken) !== undefined);
  return { name: chosen, replaced: [...new Set([known?.id, namesake?.id])].filter((id) => id !== undefined) };
}

function other(row: TraceRow | undefined, own: number | undefined): TraceRow | undefined {
  return row?.id === own ? undefined : row;
}

/**
 * Names and commits the trace. Undefined, and rolled back, when its content is known and not to be replaced.
 * Throws a usageError when its name is taken by other content.
 */
export function commitNamed(
  transaction: IngestTransaction,
  store: Store,
  trace: UnnamedTrace,
  options: NamingOptions,
): TraceRow | undefined {
  const place = placeTrace(store, { path: trace.path, sha256: trace.facts.sha256 }, options);
  if (place === undefined) {
    transaction.rollback();
    return undefined;
  }
  const facts = { ...trace.facts, name: place.name, toolVersion: options.toolVersion };
  return transaction.commit(facts, trace.sources, analysisRows(trace), place.replaced);
}
