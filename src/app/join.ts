// Use case: several captures of one run become one trace on one timeline.
//
//   ingest each into a store of its own, in a temporary folder -> find anchors, align the clocks -> merge into the store
//
// Memory doesn't grow with the captures: anchors are bounded, and the merge holds a bounded part of each.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ensure } from '../base/assert.js';
import { inputError, usageError } from '../base/errors.js';
import { IngestTransaction } from '../store/ingest.js';
import type { SourceFacts } from '../store/ingest.js';
import { openStoreForReading } from '../store/open.js';
import type { Store } from '../store/open.js';
import { MAX_SOURCES } from '../store/pack.js';
import { findTraceBySha256, getTrace, recordOutcome } from '../store/queries.js';
import type { TraceRow } from '../store/queries.js';
import { eventBatches } from '../store/reader.js';
import { alignClocks, chooseReference } from '../trace/align/align.js';
import type { AlignResult, Alignment } from '../trace/align/align.js';
import { AnchorLog, modulusFor } from '../trace/align/anchors.js';
import { EventWriter } from '../trace/batch.js';
import { missingRecords, sumCounts } from '../trace/tally.js';
import { mergeEvents } from '../trace/merge.js';
import type { MergeCounts } from '../trace/merge.js';
import { Analyst } from './analysis.js';
import { commitNamed } from './commit-trace.js';
import { ingestEach } from './ingest.js';
import type { IngestedTrace, IngestOptions, IngestResult } from './ingest.js';
import { interruptedError } from './interrupt.js';
import { LazyStore } from './lazy-store.js';
import { traceReport } from './trace-report.js';

/** Copies of one event lie within this of each other, in ns, unless the alignment found them to lie further apart. */
const LEAST_TOLERANCE_NS = 10_000_000;
const MOST_TOLERANCE_NS = 50_000_000;
/** The tolerance is so many times what 99 % of the copies stay below. */
const TOLERANCE_FACTOR = 4;

/** A capture, ingested on its own. */
interface Part {
  readonly path: string;
  readonly row: TraceRow;
}

/**
 * Reads the sources, aligns their clocks and puts all of their events into one trace.
 * Throws as ingest() does; an input error when a source has no time stamps, or nothing in common with the others.
 */
export async function ingestJoined(options: IngestOptions): Promise<IngestResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-join-'));
  try {
    return await joinIn(folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function joinIn(folder: string, options: IngestOptions): Promise<IngestResult> {
  const db = join(folder, 'parts.db');
  const partOptions = { ...options, db, name: undefined, force: false, onTrace: undefined };
  const { ingested, skipped } = await ingestEach(partOptions);
  const parts = openStoreForReading(db);
  const target = new LazyStore(options.db);
  try {
    const rows = ingested.map(({ path, trace }) => ({ path, row: getTrace(parts, trace.id) }));
    refuseUnjoinable(rows);
    const sha256 = joinedSha256(rows);
    const known = target.existing === undefined ? undefined : findTraceBySha256(target.existing, sha256);
    const isKnown = known !== undefined && options.force !== true;
    const row = isKnown ? known : await merge(parts, rows, await align(parts, rows, options), sha256, target.open(), options);
    const trace: IngestedTrace = { ...traceReport(target.open(), row), known: isKnown, evidence: null };
    options.onTrace?.(trace);
    return { traces: [trace], skipped };
  } finally {
    parts.close();
    target.close();
  }
}

function refuseUnjoinable(parts: readonly Part[]): void {
  const ids = new Set(parts.map((part) => part.row.id));
  if (ids.size < 2) throw usageError('--join takes two captures or more of different content', ['Name them, or leave --join out.']);
  if (ids.size < parts.length) throw usageError('--join was given the same capture twice', ['Name each capture once.']);
  if (parts.length > MAX_SOURCES) {
    throw usageError(`--join takes at most ${MAX_SOURCES} captures, and was given ${parts.length}`, ['Join fewer of them.']);
  }
  for (const { path, row } of parts) {
    if (row.clock !== 'none') continue;
    throw inputError(`${path} has no time stamps, and captures are joined by time`, {
      where: { file: path },
      suggestions: ['Capture again with time stamps: QEMU prints them with -msg timestamp=on.', 'Ingest it on its own, without --join.'],
    });
  }
}

/** Identifies the content of a joined trace: its sources in their order, and what was said of their times. */
function joinedSha256(parts: readonly Part[]): string {
  const hash = createHash('sha256');
  hash.update('bellwether join 1\n');
  for (const { row } of parts) hash.update(`${row.sha256} ${row.clock} ${row.originNs}\n`);
  return hash.digest('hex');
}

type Aligned = Extract<AlignResult, { readonly alignments: unknown }>;

async function align(store: Store, parts: readonly Part[], options: IngestOptions): Promise<Aligned> {
  const modulus = modulusFor(Math.max(...parts.map((part) => part.row.eventRows)));
  const logs: AnchorLog[] = [];
  for (const { row } of parts) {
    const log = new AnchorLog(modulus);
    for (const batch of eventBatches(store, row)) {
      log.push(batch);
      await breathe(options);
    }
    logs.push(log);
  }
  const reference = chooseReference(logs);
  const given = new Map<number, number>();
  for (const [index, { path, row }] of parts.entries()) {
    if (index === reference || options.times?.offsetNsOf(path) === undefined) continue;
    given.set(index, Number(row.originNs - parts[reference]!.row.originNs));
  }
  const result = alignClocks(logs, reference, given);
  if ('failed' in result) throw cannotAlign(parts, result);
  return result;
}

function cannotAlign(parts: readonly Part[], { failed, reasons }: Extract<AlignResult, { readonly failed: number }>): Error {
  const { path } = parts[failed]!;
  const others = [...reasons].map(([other, reason]) => {
    const name = parts[other]!.path;
    return reason === 'ambiguous' ? `it fits ${name} at several times equally well` : `nothing in common with ${name}`;
  });
  return inputError(`${path} can't be put on the timeline of the others: ${others.join('; ')}`, {
    where: { file: path },
    suggestions: [
      'Check that it is of the same run: the captures must overlap, and share doorbell writes, register accesses or commands.',
      `Give its offset to the others' clock: --offset ${path}=SECONDS.`,
    ],
  });
}

async function merge(
  parts: Store,
  rows: readonly Part[],
  { reference, alignments }: Aligned,
  sha256: string,
  store: Store,
  options: IngestOptions,
): Promise<TraceRow> {
  // The first event of all is at time 0 of the joined trace.
  const beginNs = Math.round(Math.min(...alignments.map(({ fit }) => fit.shiftNs)));
  const transaction = new IngestTransaction(store);
  try {
    const analyst = new Analyst((batch) => transaction.insertCommands(batch));
    const writer = new EventWriter((batch) => {
      transaction.insert(batch);
      analyst.push(batch);
    });
    const sources = alignments.map(({ view, fit }, index) => ({
      batches: eventBatches(parts, rows[index]!.row),
      // Nearest to the device, where the order with the device's own steps is certain; among equals the reference.
      rank: view * (MAX_SOURCES + 1) + (index === reference ? MAX_SOURCES : index),
      shiftNs: fit.shiftNs - beginNs,
      drift: fit.drift,
      toleranceNs: toleranceNs(fit.sameEventNs),
    }));
    const merging = mergeEvents(sources, writer);
    let step = merging.next();
    for (; step.done !== true; step = merging.next()) await breathe(options);
    writer.flush();
    const originNs = rows[reference]!.row.originNs + BigInt(beginNs);
    const counts = step.value;
    const facts = alignments.map((alignment, index) => {
      const part = rows[index]!;
      const givenNs = options.times?.offsetNsOf(part.path) ?? 0n;
      return sourceFacts(parts, part.row, { alignment, reference: rows[reference]!.row, givenNs, counts: counts[index]! });
    });
    const row = commitNamed(
      transaction,
      store,
      {
        path: rows[0]!.path,
        facts: {
          format: 'joined',
          dialect: facts.map(({ format }) => format).join(' + '),
          sha256,
          source: facts.map((fact) => fact.source).join(', '),
          bytes: facts.reduce((sum, fact) => sum + fact.bytes, 0),
          clock: rows[reference]!.row.clock,
          originNs,
        },
        sources: facts,
        analysis: analyst.end(missingRecords(sumCounts(rows.map((part) => part.row.records)))),
      },
      options,
    );
    return ensure(row, 'content that was found to be new');
  } finally {
    // After a commit this does nothing.
    transaction.rollback();
  }
}

function toleranceNs(sameEventNs: number): number {
  if (Number.isNaN(sameEventNs)) return LEAST_TOLERANCE_NS;
  return Math.min(Math.max(TOLERANCE_FACTOR * sameEventNs, LEAST_TOLERANCE_NS), MOST_TOLERANCE_NS);
}

interface Placed {
  readonly alignment: Alignment;
  readonly reference: TraceRow;
  /** The offset that the user gave; the part was ingested with it. */
  readonly givenNs: bigint;
  readonly counts: MergeCounts;
}

function sourceFacts(store: Store, part: TraceRow, { alignment, reference, givenNs, counts }: Placed): SourceFacts {
  const { fit, to } = alignment;
  const originNs = part.originNs - givenNs;
  return {
    source: part.source,
    format: part.format,
    dialect: part.dialect,
    sha256: part.sha256,
    bytes: part.bytes,
    clock: part.clock,
    originNs,
    outcome: recordOutcome(store, part),
    alignment: {
      method: fit.method,
      alignedTo: to,
      offsetNs: reference.originNs + BigInt(Math.round(fit.shiftNs)) - originNs,
      driftPpb: Math.round(fit.drift * 1e9),
      matches: fit.matches,
      marginNs: wholeOrNull(fit.marginNs),
      residualNs: wholeOrNull(fit.residualNs),
      eventsMerged: counts.merged,
    },
  };
}

function wholeOrNull(ns: number): number | null {
  return Number.isNaN(ns) ? null : Math.round(ns);
}

/** Lets signals through, and ends the work when the user asked for it. */
async function breathe({ signal }: IngestOptions): Promise<void> {
  await setImmediate();
  if (signal?.aborted === true) throw interruptedError('the store is as it was');
}
