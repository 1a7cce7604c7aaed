// Use case: what a trace holds.

import type { HistoryEvidence } from '../history/telling.js';
import type { ExitReport, ExitTotal } from '../history/exits.js';
import type { MmioBounds } from '../history/loss.js';
import type { ControllerDoorbells, DoorbellReport, QueueDoorbells } from '../metrics/doorbells.js';
import { listQueueLives } from '../store/analysis.js';
import type { QueueLifeRow } from '../store/analysis.js';
import { openStoreForReading } from '../store/open.js';
import { doorbellWrites, recordCounts } from '../store/queries.js';
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
  /** Asynchronous Event Requests that waited to the end, as they are meant to. */
  readonly event_requests_open: number;
  readonly reaps_beyond_completions: number;
  readonly doorbells_late: number;
  readonly controller_resets: number;
  readonly queues_forgotten: number;
}

export interface InfoResult {
  readonly trace: TraceReport;
  readonly controllers: readonly Omit<ControllerDoorbells, 'admin'>[];
  /** MMIO writes on I/O queues. */
  readonly mmio: DoorbellReport['mmio'];
  /** What they can have been, by what the capture may have missed. */
  readonly mmio_bounds: MmioBounds;
  /** Commands on I/O queues; where only doorbells were captured, as many as they announced. */
  readonly commands: number;
  /** Queue 0 of each controller. */
  readonly admin: readonly (NonNullable<ControllerDoorbells['admin']> & { readonly controller: number })[];
  /** Time that vCPUs spent outside of the guest; null where the capture shows no VM exits. */
  readonly exits: ExitSummary | null;
  /** One entry for each life of a submission queue, as in the view `queues`. Empty for a trace of an older store. */
  readonly lives: readonly QueueLifeRow[];
  readonly quality: Quality;
  /** Doorbell register writes of I/O queues in time bins of equal width over the trace; empty unless asked for. */
  readonly writes_over_time: readonly number[];
}

/** Counts, and times in ns. */
export interface ExitSummary {
  readonly exits: number;
  readonly total_ns: number;
  readonly sq_doorbells: { readonly exits: number; readonly total_ns: number };
  readonly cq_doorbells: { readonly exits: number; readonly total_ns: number };
  readonly by_reason: readonly { readonly reason: number; readonly exits: number; readonly total_ns: number }[];
  readonly unpaired: number;
}

/**
 * Describes a trace. `bins`: time bins of the doorbell writes over time, for those who draw them. Throws a storeError without a store, a usageError
 * without such a trace.
 */
export function info(db: string, reference: string, bins = 0): InfoResult {
  const store = openStoreForReading(db);
  try {
    const row = traceNamed(store, reference);
    const { doorbells, evidence, bounds, exits } = overviewOf(store, row);
    const trace = traceReport(store, row);
    const lives = listQueueLives(store, row.id);
    return {
      trace,
      controllers: doorbells.controllers.map(({ id, shadow, queues }) => ({ id, shadow, queues: queues.map((queue) => withCommands(queue, id, lives)) })),
      mmio: doorbells.mmio,
      mmio_bounds: bounds,
      commands: doorbells.commands > 0 ? doorbells.commands : sumCommands(lives.filter(({ queue }) => queue !== 0)),
      admin: doorbells.controllers.flatMap(({ id, admin }) => (admin === undefined ? [] : [{ ...admin, controller: id }])),
      exits: exits === undefined ? null : exitSummary(exits),
      lives,
      writes_over_time: bins > 0 && row.spanNs !== null && row.spanNs > 0 ? doorbellWrites(store, row.id, row.spanNs, bins) : [],
      quality: qualityOf(trace, Object.fromEntries(recordCounts(store, row.id, 'rejected')), evidence),
    };
  } finally {
    store.close();
  }
}

/** Where a capture shows doorbells only, commands are counted by what the doorbells announced. */
function withCommands(queue: QueueDoorbells, controller: number, lives: readonly QueueLifeRow[]): QueueDoorbells {
  if (queue.commands > 0) return queue;
  return { ...queue, commands: sumCommands(lives.filter((life) => life['controller'] === controller && life['queue'] === queue.qid)) };
}

function sumCommands(lives: readonly QueueLifeRow[]): number {
  return lives.reduce((sum, { commands }) => sum + (commands ?? 0), 0);
}

function exitSummary({ all, byReason, doorbells, unpaired }: ExitReport): ExitSummary {
  const total = ({ exits, totalNs }: ExitTotal): { exits: number; total_ns: number } => ({ exits, total_ns: totalNs });
  return {
    ...total(all),
    sq_doorbells: total(doorbells.sq),
    cq_doorbells: total(doorbells.cq),
    by_reason: byReason.map((entry) => ({ reason: entry.reason, ...total(entry) })),
    unpaired,
  };
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
    event_requests_open: evidence.openEventRequests,
    reaps_beyond_completions: evidence.excessReaps,
    doorbells_late: evidence.lateDoorbells,
    controller_resets: evidence.resets,
    queues_forgotten: evidence.forgottenQueues,
  };
}
