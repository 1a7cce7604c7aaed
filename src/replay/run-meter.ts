// What became of the commands of a run, queue by queue: where they spent their time, and how full the queue was. It watches a
// history, so a recording can be measured by the same code.

import type { CommandLife, SqLife } from '../history/lives.js';
import type { HistoryObserver } from '../history/observer.js';
import { OccupancyObserver, type Stage as Level } from '../history/occupancy.js';
import { DurationHistogram } from '../metrics/histogram.js';
import { LevelMeter, type LevelSummary } from '../metrics/levels.js';

/** The steps of a command's way: each stage ends where the next one begins. */
export const STAGES = ['submit_to_announce', 'announce_to_fetch', 'fetch_to_complete', 'complete_to_interrupt', 'interrupt_to_reap', 'total'] as const;
export type Stage = (typeof STAGES)[number];

/** Quantiles of durations, in ns; NaN when no command showed both ends of the stage. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
}

export type StageLatencies = Readonly<Record<Stage, LatencySummary>>;

/** How many commands there were in the SQ, in the device, and as completions in the CQ. */
export type Occupancy = Readonly<Record<Level, LevelSummary>>;

export interface QueueMeasures {
  readonly qid: number;
  readonly stages: StageLatencies;
  readonly occupancy: Occupancy;
}

class StageHistograms {
  private readonly of = STAGES.map(() => new DurationHistogram());

  add({ setupNs, announcedNs, fetchedNs, completedNs, interruptNs, reapedNs }: CommandLife): void {
    const { of } = this;
    of[0]!.add(announcedNs - setupNs);
    of[1]!.add(fetchedNs - announcedNs);
    of[2]!.add(completedNs - fetchedNs);
    of[3]!.add(interruptNs - completedNs);
    of[4]!.add(reapedNs - interruptNs);
    of[5]!.add(reapedNs - setupNs);
  }

  summary(): StageLatencies {
    const entries = STAGES.map((stage, i) => [stage, summaryOf(this.of[i]!)] as const);
    return Object.fromEntries(entries) as Record<Stage, LatencySummary>;
  }
}

export function summaryOf(histogram: DurationHistogram): LatencySummary {
  const [p50Ns, p90Ns, p99Ns, p999Ns] = [0.5, 0.9, 0.99, 0.999].map((p) => histogram.quantile(p)) as [number, number, number, number];
  return { count: histogram.count, p50Ns, p90Ns, p99Ns, p999Ns };
}

class QueueMeter {
  readonly stages = new StageHistograms();
  readonly levels: Record<Level, LevelMeter> = { sq: new LevelMeter(), device: new LevelMeter(), cq: new LevelMeter() };
}

/** Measures the I/O queues of a history of one controller, from time 0 on. */
export class RunMeter implements HistoryObserver {
  /** What the history must tell: to this meter and to the one of its levels. */
  readonly observers: readonly HistoryObserver[];
  private readonly queues = new Map<number, QueueMeter>();
  private readonly all = new StageHistograms();

  constructor() {
    this.observers = [this, new OccupancyObserver((sq, level, timeNs, entries) => this.queues.get(sq.qid)?.levels[level].change(timeNs, entries))];
  }

  sqCreated(sq: SqLife): void {
    if (sq.qid !== 0) this.queues.set(sq.qid, new QueueMeter());
  }

  commandEnded(command: CommandLife): void {
    this.all.add(command);
    this.queues.get(command.sq.qid)?.stages.add(command);
  }

  /** Over all queues. */
  stages(): StageLatencies {
    return this.all.summary();
  }

  /** Each queue, by its identifier. */
  perQueue(endNs: number): readonly QueueMeasures[] {
    return [...this.queues]
      .toSorted(([a], [b]) => a - b)
      .map(([qid, { stages, levels: { sq, device, cq } }]) => ({
        qid,
        stages: stages.summary(),
        occupancy: { sq: sq.summary(endNs), device: device.summary(endNs), cq: cq.summary(endNs) },
      }));
  }
}
