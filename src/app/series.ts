// What charts show of one run over time and by stage: small tables, from one pass over its events. A recording and a replay
// are watched by the same code.

import { NS_PER_S } from '../base/units.js';
import { LATENCY_STAGES, QUANTILES, type LatencyRow, type LatencyStage } from '../charts/latency.js';
import { MAX_QUEUES_DRAWN, type OccupancyRow } from '../charts/occupancy.js';
import { qidsByLoad } from '../charts/occupancy-data.js';
import type { RateRow } from '../charts/rates.js';
import type { RingRow } from '../charts/rings.js';
import { History } from '../history/history.js';
import type { CommandLife, CqLife, SqLife } from '../history/lives.js';
import type { HistoryObserver } from '../history/observer.js';
import { DurationHistogram } from '../metrics/histogram.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import type { BatchConsumer, EventBatch } from '../trace/batch.js';
import { KIND, SIDE_CQ } from '../trace/event.js';
import { OccupancyCollector } from './occupancy.js';

/** Time bins of the writes over time: narrower ones could not be told apart. */
export const RATE_BINS = 120;

/** The tables of one run. Times in seconds count from the start of its window. Plain JSON data. */
export interface RunSeries {
  readonly rates: readonly Omit<RateRow, 'run'>[];
  readonly rings: readonly Omit<RingRow, 'run'>[];
  readonly latency: readonly Omit<LatencyRow, 'run'>[];
  /** Of the busiest queues alone. */
  readonly occupancy: readonly Omit<OccupancyRow, 'run'>[];
  readonly queueCount: number;
}

/** Watches the run that `play` shows, over a window and the queues' lives that are chosen. */
export function seriesOf(window: TimeWindow, chosen: (sq: SqLife) => boolean, play: (consume: BatchConsumer) => void): RunSeries {
  const collector = new OccupancyCollector(window, chosen);
  const watcher = new Watcher(window, chosen);
  const history = new History([collector.observer, watcher]);
  play((batch) => {
    history.push(batch);
    watcher.count(batch);
  });
  history.end();
  const occupancy = collector.rows();
  const busiest = qidsByLoad(occupancy.map((row) => ({ ...row, run: '' }))).slice(0, MAX_QUEUES_DRAWN);
  return {
    rates: watcher.rates(),
    rings: watcher.rings(),
    latency: watcher.latency(),
    occupancy: occupancy.filter((row) => busiest.includes(row.qid)),
    queueCount: new Set(occupancy.map((row) => row.qid)).size,
  };
}

type Side = RingRow['side'];

/** Counts writes by time bin, entries and writes by doorbell, and how long each stage of a command took. */
class Watcher implements HistoryObserver {
  private readonly window: TimeWindow;
  private readonly chosen: (sq: SqLife) => boolean;
  private readonly bins = { sq: new Float64Array(RATE_BINS), cq: new Float64Array(RATE_BINS) };
  private readonly doorbells = new Map<string, { readonly qid: number; readonly side: Side; entries: number; rings: number }>();
  private readonly stages: Readonly<Record<LatencyStage, DurationHistogram>>;
  /** Queues that have had a chosen life. */
  private readonly qids = new Set<number>();

  constructor(window: TimeWindow, chosen: (sq: SqLife) => boolean) {
    this.window = window;
    this.chosen = chosen;
    this.stages = { 'SQ waiting': new DurationHistogram(), 'in device': new DurationHistogram(), 'CQ unreaped': new DurationHistogram(), whole: new DurationHistogram() };
  }

  announced(sq: SqLife, timeNs: number, count: number): void {
    if (this.chosen(sq)) this.moved(sq.qid, 'sq', timeNs, count);
  }

  reaped(cq: CqLife, timeNs: number, count: number): void {
    const own = cq.sqs.find(this.chosen);
    if (own !== undefined) this.moved(own.qid, 'cq', timeNs, count);
  }

  commandEnded({ sq, setupNs, announcedNs, fetchedNs, completedNs, reapedNs }: CommandLife): void {
    const fromNs = Number.isNaN(setupNs) ? announcedNs : setupNs;
    if (!this.chosen(sq) || !this.holds(fromNs)) return;
    this.stages['SQ waiting'].add(fetchedNs - fromNs);
    this.stages['in device'].add(completedNs - fetchedNs);
    this.stages['CQ unreaped'].add(reapedNs - completedNs);
    this.stages.whole.add(reapedNs - fromNs);
  }

  /** Call it with each batch after the history has had it: by then the chosen queues are known. */
  count(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row++) {
      const qid = batch.queue[row]!;
      if (batch.kind[row] !== KIND['doorbell.mmio'] || qid <= 0 || !this.holds(batch.timeNs[row]!)) continue;
      const side = batch.side[row] === SIDE_CQ ? 'cq' : 'sq';
      if (!this.qids.has(qid)) continue;
      this.doorbell(qid, side).rings += 1;
      this.bins[side][this.binAt(batch.timeNs[row]!)]! += 1;
    }
  }

  rates(): RunSeries['rates'] {
    const { fromNs, toNs } = this.window;
    const widthS = (toNs - fromNs) / NS_PER_S / RATE_BINS;
    return Array.from({ length: RATE_BINS }, (_, bin) => ({ startS: bin * widthS, endS: (bin + 1) * widthS, sq: this.bins.sq[bin]!, cq: this.bins.cq[bin]! }));
  }

  rings(): RunSeries['rings'] {
    return [...this.doorbells.values()].toSorted((a, b) => a.qid - b.qid || b.side.localeCompare(a.side));
  }

  latency(): RunSeries['latency'] {
    return LATENCY_STAGES.flatMap((stage) => {
      const own = this.stages[stage];
      return own.count === 0 ? [] : QUANTILES.map((quantile) => ({ stage, quantile, ns: own.quantile(quantile) }));
    });
  }

  private moved(qid: number, side: Side, timeNs: number, count: number): void {
    this.qids.add(qid);
    if (this.holds(timeNs) && count > 0) this.doorbell(qid, side).entries += count;
  }

  private doorbell(qid: number, side: Side): { entries: number; rings: number } {
    const key = `${qid} ${side}`;
    let own = this.doorbells.get(key);
    if (own === undefined) {
      own = { qid, side, entries: 0, rings: 0 };
      this.doorbells.set(key, own);
    }
    return own;
  }

  private holds(timeNs: number): boolean {
    return timeNs >= this.window.fromNs && timeNs <= this.window.toNs;
  }

  private binAt(timeNs: number): number {
    const { fromNs, toNs } = this.window;
    return Math.min(Math.floor(((timeNs - fromNs) / (toNs - fromNs)) * RATE_BINS), RATE_BINS - 1);
  }
}
