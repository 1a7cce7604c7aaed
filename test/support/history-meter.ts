// The same measures as RunMeter's by way of a history, as for a recording: what the fast one is held against.

import type { CommandLife, SqLife } from '../../src/history/lives.js';
import type { HistoryObserver } from '../../src/history/observer.js';
import { OccupancyObserver, type Stage as Level } from '../../src/history/occupancy.js';
import { DurationHistogram } from '../../src/metrics/histogram.js';
import { LevelMeter } from '../../src/metrics/levels.js';
import { type LatencySummary, type QueueMeasures, STAGES, type Stage, type StageLatencies } from '../../src/replay/run-meter.js';

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

function summaryOf(histogram: DurationHistogram): LatencySummary {
  const [p50Ns, p90Ns, p99Ns, p999Ns] = [0.5, 0.9, 0.99, 0.999].map((p) => histogram.quantile(p)) as [number, number, number, number];
  return { count: histogram.count, p50Ns, p90Ns, p99Ns, p999Ns };
}

class QueueMeter {
  readonly stages = new StageHistograms();
  readonly levels: Record<Level, LevelMeter> = { sq: new LevelMeter(), device: new LevelMeter(), cq: new LevelMeter() };
}

/** Measures the I/O queues of a history of one controller, from time 0 on. */
export class HistoryMeter implements HistoryObserver {
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
