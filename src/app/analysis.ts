// What a trace comes to, found in one pass over its events while they are ingested: the lives of its commands and queues, how
// full the queues were, who rang how often, and how far all that can be trusted. The store keeps it, so that questions are
// answered without reading the events again.

import type { CommandConsumer } from '../trace/command-batch.js';
import type { EventBatch } from '../trace/batch.js';
import { AccountBook, ownerOf } from '../history/accounts.js';
import type { QueueAccount, SideAccount } from '../history/accounts.js';
import { CommandLog } from '../history/command-log.js';
import { ExitBook } from '../history/exits.js';
import type { ExitReport } from '../history/exits.js';
import { History } from '../history/history.js';
import type { SqLife } from '../history/lives.js';
import { mmioBounds } from '../history/loss.js';
import type { MmioBounds, QueueWrites } from '../history/loss.js';
import { OccupancyObserver, STAGES } from '../history/occupancy.js';
import type { Stage } from '../history/occupancy.js';
import type { HistoryEvidence } from '../history/telling.js';
import { DoorbellCounter } from '../metrics/doorbells.js';
import type { DoorbellReport } from '../metrics/doorbells.js';
import { GrowingBins } from '../metrics/growing-bins.js';
import type { QueueRow } from '../store/analysis.js';
import { OCCUPANCY_CELLS } from '../store/analysis.js';
import { KIND, SIDE_CQ } from '../trace/event.js';

/** Changes whenever an analysis of the same events comes to other results: older ones in a store are then not used. */
export const ANALYSIS_VERSION = 2;

/** Bins of each level at most. */
const BINS = 128;
/** Queues' lives whose levels are binned, 12 KiB each: the first ones. */
const MAX_BINNED_LIVES = 256;

/** The part of an analysis that is one value, for reports. Plain JSON data. */
export interface Overview {
  readonly doorbells: DoorbellReport;
  readonly evidence: HistoryEvidence;
  /** Doorbell register writes of the I/O queues, and how many may be missing; see history/loss.ts. */
  readonly bounds: MmioBounds;
  /** Undefined where the capture shows no VM exits. */
  readonly exits: ExitReport | undefined;
}

/** What the store keeps beside the lives of the commands. */
export interface Analysis {
  readonly overview: Overview;
  readonly queues: readonly QueueRow[];
  /** Rows of OCCUPANCY_CELLS numbers, one after the other; bins in which a level was 0 all the time have none. */
  readonly occupancy: Float64Array;
}

/** Analyses one trace: push its batches in order, then call `end` once. Command lives go to the consumer on the way. */
export class Analyst {
  private readonly book = new AccountBook();
  private readonly commands: CommandLog;
  private readonly doorbells = new DoorbellCounter();
  private readonly exits = new ExitBook();
  private readonly levels = new Levels((sq) => this.book.lifeOf(sq));
  private readonly history: History;
  private latestNs = 0;
  /** Whether the capture says that records are missing, and not how many. */
  private lostUncounted = false;

  constructor(onCommands: CommandConsumer) {
    this.commands = new CommandLog((sq) => this.book.lifeOf(sq), onCommands);
    this.history = new History([this.book, this.commands, this.levels.observer]);
  }

  push(batch: EventBatch): void {
    const { history, book, exits } = this;
    this.doorbells.push(batch);
    for (let row = 0; row < batch.length; row++) {
      history.step(batch, row);
      const kind = batch.kind[row];
      if (kind === KIND['doorbell.mmio'] || kind === KIND['doorbell.shadow'] || kind === KIND.eventidx) book.count(batch, row, this.queueOf(batch, row));
      else if (kind === KIND.lost && Number.isNaN(batch.value[row]!)) this.lostUncounted = true;
      exits.push(batch, row);
      if (batch.timeNs[row]! > this.latestNs) this.latestNs = batch.timeNs[row]!;
    }
  }

  /** `missing`: records that are lost or could not be understood. */
  end(missing: number): Analysis {
    this.history.end();
    this.commands.flush();
    const doorbells = this.doorbells.result();
    return {
      overview: {
        doorbells,
        evidence: { ...this.history.evidence },
        bounds: mmioBounds(this.book.accounts, countsOf(doorbells), this.lostUncounted ? null : missing),
        exits: this.exits.result(),
      },
      queues: this.book.accounts.map(queueRow),
      occupancy: this.levels.rows(this.book.accounts, this.latestNs),
    };
  }

  /** The queue that a doorbell event belongs to. */
  private queueOf(batch: EventBatch, row: number): SqLife | undefined {
    const view = this.history.view(batch.controller[row]!);
    const qid = batch.queue[row]!;
    if (view === undefined || qid < 0) return undefined;
    if (batch.side[row] !== SIDE_CQ) return view.sqs.get(qid);
    const cq = view.cqs.get(qid);
    return cq === undefined ? undefined : ownerOf(cq);
  }
}

/** The doorbell writes of each I/O queue, as they were counted. */
function countsOf({ controllers }: DoorbellReport): readonly QueueWrites[] {
  return controllers.flatMap(({ id, queues }) => queues.map(({ qid, mmio }) => ({ controller: id, qid, ...mmio })));
}

/** Bins the levels of every queue's life. */
class Levels {
  readonly observer: OccupancyObserver;
  private readonly bins = new Map<number, Record<Stage, GrowingBins>>();

  constructor(lifeOf: (sq: SqLife) => number) {
    this.observer = new OccupancyObserver((sq, stage, timeNs, level) => {
      if (Number.isNaN(timeNs)) return;
      const life = lifeOf(sq);
      let own = this.bins.get(life);
      if (own === undefined) {
        if (this.bins.size === MAX_BINNED_LIVES) return;
        const startNs = Number.isNaN(sq.createdNs) ? timeNs : sq.createdNs;
        const fresh = (): GrowingBins => new GrowingBins(startNs, BINS);
        own = { sq: fresh(), device: fresh(), cq: fresh() };
        this.bins.set(life, own);
      }
      own[stage].change(timeNs, level);
    });
  }

  rows(accounts: readonly QueueAccount[], latestNs: number): Float64Array {
    const cells: number[] = [];
    for (const account of accounts) {
      const own = this.bins.get(account.life);
      if (own === undefined) continue;
      const endNs = Number.isNaN(account.sq.closedNs) ? latestNs : account.sq.closedNs;
      for (const [number, stage] of STAGES.entries()) {
        const bound = boundOf(account, stage);
        if (bound === undefined) continue;
        for (const bin of own[stage].finish(endNs)) {
          if (bin.max > 0) cells.push(account.life, number, bin.startNs, bin.endNs, bin.min, bin.mean, bin.max, bound);
        }
      }
    }
    if (cells.length % OCCUPANCY_CELLS !== 0) throw new Error('internal error: a torn row of occupancy');
    return Float64Array.from(cells);
  }
}

/** What a level can be, as the store has it. */
const BOUND = { lower: -1, exact: 0, upper: 1, doorbells: 2 } as const;

/** What the levels of a stage are; undefined where nothing is known of the stage. See the view `occupancy`. */
function boundOf({ sq, setups, fetched, finished }: QueueAccount, stage: Stage): number | undefined {
  if (fetched === 0 && setups === 0) return stage === 'sq' ? BOUND.doorbells : undefined;
  const device = fetched > 0;
  // Entries that were there before the capture began are unknown, and so is when unseen ones went by.
  if (!sq.whole || sq.unseen > 0) return stage === 'sq' || device ? BOUND.lower : undefined;
  switch (stage) {
    case 'sq':
      // Without the device's view a command counts until its completion is known to be consumed.
      if (!device) return BOUND.upper;
      return sq.shadow && setups === 0 ? BOUND.lower : BOUND.exact;
    case 'device':
      return device ? BOUND.exact : undefined;
    default:
      if (!device) return undefined;
      return sq.shadow && finished === 0 ? BOUND.upper : BOUND.exact;
  }
}

function queueRow(account: QueueAccount): QueueRow {
  const { life, sq, sides, setups, fetched, completed, finished, unfinished, interrupts } = account;
  return {
    life,
    controller: sq.controller,
    epoch: sq.epoch,
    qid: sq.qid,
    cqid: sq.cq.qid,
    depth: sq.depth,
    depthInferred: sq.depthInferred,
    vector: sq.cq.vector,
    createdNs: sq.createdNs,
    closedNs: sq.closedNs,
    whole: sq.whole,
    setups,
    fetched,
    completed,
    finished,
    unfinished,
    silent: sq.silent,
    interrupts,
    sq: sideRow(sides.sq),
    cq: sideRow(sides.cq),
  };
}

function sideRow({ mmio, shadowReads, shadowNews, eventIdx, moved, longestGapNs, gapsNs }: SideAccount): QueueRow['sq'] {
  return { mmio, shadow: shadowReads, updates: shadowNews, eventIdx, moved, longestGapNs, meanGapNs: gapsNs / (mmio - 1) };
}
