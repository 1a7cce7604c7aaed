// Use case: what a trace holds.

import type { HistoryEvidence } from '../history/telling.js';
import type { ControllerDoorbells, DoorbellReport } from '../metrics/doorbells.js';
import { openStoreForReading } from '../store/open.js';
import { recordCounts } from '../store/queries.js';
import { overviewOf, traceNamed } from './subject.js';
import { type TraceReport, traceReport } from './trace-report.js';

/** How far the numbers can be trusted: what became of the records, and what had to be inferred. */
export interface Quality {
  readonly records: TraceReport['records'];
  readonly unknown: Readonly<Record<string, number>>;
  /** Reason -> count. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly queues_inferred: number;
  readonly completions_unmatched: number;
  readonly commands_unfinished: number;
  readonly reaps_beyond_completions: number;
  readonly doorbells_late: number;
  readonly controller_resets: number;
}

export interface InfoResult {
  readonly trace: TraceReport;
  readonly controllers: readonly Omit<ControllerDoorbells, 'admin'>[];
  /** MMIO writes on I/O queues. */
  readonly mmio: DoorbellReport['mmio'];
  /** Commands on I/O queues. */
  readonly commands: number;
  /** Queue 0 of each controller. */
  readonly admin: readonly (NonNullable<ControllerDoorbells['admin']> & { readonly controller: number })[];
  readonly quality: Quality;
}

/** Describes a trace. Throws a storeError without a store, a usageError without such a trace. */
export function info(db: string, reference: string): InfoResult {
  const store = openStoreForReading(db);
  try {
    const row = traceNamed(store, reference);
    const { doorbells, evidence } = overviewOf(store, row);
    const trace = traceReport(store, row);
    return {
      trace,
      controllers: doorbells.controllers.map(({ id, shadow, queues }) => ({ id, shadow, queues })),
      mmio: doorbells.mmio,
      commands: doorbells.commands,
      admin: doorbells.controllers.flatMap(({ id, admin }) => (admin === undefined ? [] : [{ ...admin, controller: id }])),
      quality: qualityOf(trace, Object.fromEntries(recordCounts(store, row.id, 'rejected')), evidence),
    };
  } finally {
    store.close();
  }
}

/** Puts the data quality of a trace together. */
export function qualityOf(trace: TraceReport, rejected: Readonly<Record<string, number>>, evidence: HistoryEvidence): Quality {
  return {
    records: trace.records,
    unknown: trace.unknown,
    rejected,
    lost: trace.records.lost,
    queues_inferred: evidence.inferredQueues,
    completions_unmatched: evidence.unmatchedCompletions,
    commands_unfinished: evidence.unfinishedCommands,
    reaps_beyond_completions: evidence.excessReaps,
    doorbells_late: evidence.lateDoorbells,
    controller_resets: evidence.resets,
  };
}
