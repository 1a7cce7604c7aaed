// The queues of one controller, from enable to reset: which exist, and how they begin and end.
// A queue exists only when its admin command succeeded; one that is used without that is older than the capture.

import { ABSENT } from '../trace/batch.js';
import { SIDE_CQ, SIDE_SQ } from '../trace/event.js';
import { type CommandLife, type CqLife, type SqLife, newCq, newSq } from './lives.js';
import type { Telling } from './telling.js';

/** Admin queue entries when neither AQA nor a creation was captured; replaced by what is seen. */
const UNKNOWN_DEPTH = 2;

/** Creations that may wait for their completion: an admin queue holds no more commands. [NVMe-2.0] 3.1.3.8 */
const MAX_CREATING = 4096;

/**
 * Queues that are followed at a time, over all controllers: some 10 MB. Beyond it the oldest of the controller is given up,
 * so that a capture that names queue after queue can't fill the memory.
 */
const MAX_OPEN_QUEUES = 8192;

/** A queue's creation as the admin command asked for it. */
export interface Creation {
  readonly side: number;
  readonly qid: number;
  readonly depth: number;
  /** SQ: its CQ. CQ: its vector, or -1 without interrupts. */
  readonly extra: number;
}

/** What a reader may know of a controller while its history is told. */
export interface ControllerView {
  readonly id: number;
  /** Counts enables and resets: lives of one epoch belong together. */
  readonly epoch: number;
  /** Whether the capture shows everything since this epoch's enable or reset: no queue is older, nothing is reported lost. */
  readonly whole: boolean;
  /** Whether shadow doorbells are in use: configured, or shadow values were read. */
  readonly shadow: boolean;
  /** Whether commands were fetched that no doorbell told of: shadow doorbells or an eventfd, and the capture doesn't show them. */
  readonly silent: boolean;
  /** Whether the capture shows commands, not only doorbells; completions are then known, else only inferred. */
  readonly showsCommands: boolean;
  readonly sqs: ReadonlyMap<number, SqLife>;
  readonly cqs: ReadonlyMap<number, CqLife>;
  /** Whether an admin command for this queue waits for its completion. */
  isPending(side: number, qid: number): boolean;
}

export class ControllerLife implements ControllerView {
  readonly id: number;
  readonly sqs = new Map<number, SqLife>();
  readonly cqs = new Map<number, CqLife>();
  readonly cqByVector = new Map<number, CqLife>();
  epoch = 0;
  whole = false;
  shadow = false;
  silent = false;
  /** Commands fetched so far, on all queues. */
  fetches = 0;
  /** Whether the capture shows commands, not only doorbells. */
  showsCommands = false;
  lastFetched: CommandLife | undefined;
  lastCompletedCq: CqLife | undefined;
  /** Creations whose admin command has not completed yet, by its cid. */
  private readonly creating = new Map<number, Creation>();
  /** The command that asked last for each queue, by side and qid; it may have completed since. */
  private readonly askedBy = new Map<number, number>();
  /** Queues that the capture shows whole. */
  private readonly wholeLives = new Set<SqLife | CqLife>();
  private readonly telling: Telling;

  constructor(id: number, telling: Telling) {
    this.id = id;
    this.telling = telling;
  }

  /** Shadow doorbells are in use from now on. */
  useShadow(): void {
    if (this.shadow) return;
    this.shadow = true;
    for (const sq of this.sqs.values()) sq.shadow = true;
  }

  /** The submission queue `qid`; one that is not known to exist is inferred. */
  sq(qid: number): SqLife {
    if (!this.sqs.has(qid)) this.openPending(SIDE_SQ, qid);
    const known = this.sqs.get(qid);
    if (known !== undefined) return known;
    this.telling.evidence.inferredQueues += 1;
    const sq = this.openSq(qid, this.cq(qid), UNKNOWN_DEPTH, true);
    // Created after an enable that was captured, it began at index 0; else it can be anywhere.
    if (!this.whole) sq.tail = NaN;
    return sq;
  }

  /** The completion queue `qid`; as `sq`. */
  cq(qid: number): CqLife {
    if (!this.cqs.has(qid)) this.openPending(SIDE_CQ, qid);
    const known = this.cqs.get(qid);
    if (known !== undefined) return known;
    const cq = this.openCq(qid, UNKNOWN_DEPTH, qid === 0 ? 0 : -1, true);
    if (!this.whole) cq.head = NaN;
    return cq;
  }

  /** An admin command asks for a queue: it waits for the completion of `cid`, or is taken to succeed when that is ABSENT. */
  create(creation: Creation, cid: number): void {
    if (cid === ABSENT) {
      this.open(creation);
      return;
    }
    this.settle(cid);
    this.creating.set(cid, creation);
    this.askedBy.set(queueKey(creation.side, creation.qid), cid);
    if (this.creating.size > MAX_CREATING) this.settle(this.creating.keys().next().value!);
  }

  /** The admin command `cid` completed. */
  settleCreation(cid: number, status: number): void {
    const creation = this.settle(cid);
    if (creation !== undefined && status === 0) this.open(creation);
  }

  isPending(side: number, qid: number): boolean {
    return this.askedBy.has(queueKey(side, qid));
  }

  /** CC.EN 0 -> 1; entries are NaN when unknown. */
  enable(sqDepth: number, cqDepth: number): void {
    this.closeAll();
    this.whole = true;
    const known = !Number.isNaN(sqDepth) && !Number.isNaN(cqDepth);
    const cq = this.openCq(0, known ? cqDepth : UNKNOWN_DEPTH, 0, !known);
    this.openSq(0, cq, known ? sqDepth : UNKNOWN_DEPTH, !known);
  }

  reset(): void {
    this.closeAll();
    this.whole = true;
  }

  /** The capture misses records here: counts of entries no longer add up. */
  lose(): void {
    this.whole = false;
    for (const life of this.wholeLives) life.whole = false;
    this.wholeLives.clear();
  }

  closeSq(qid: number): void {
    const sq = this.sqs.get(qid);
    if (sq === undefined) return;
    this.sqs.delete(qid);
    this.telling.openQueues -= 1;
    this.wholeLives.delete(sq);
    sq.cq.sqs.splice(sq.cq.sqs.indexOf(sq), 1);
    sq.closedNs = this.telling.nowNs;
    for (const command of sq.open.values()) this.telling.endUnfinished(command);
    sq.open.clear();
    for (const command of sq.awaiting.values()) this.telling.endCommand(command);
    sq.awaiting.clear();
    for (const o of this.telling.observers) o.sqClosed?.(sq);
  }

  closeCq(qid: number): void {
    const cq = this.cqs.get(qid);
    if (cq === undefined) return;
    this.cqs.delete(qid);
    this.telling.openQueues -= 1;
    this.wholeLives.delete(cq);
    if (this.cqByVector.get(cq.vector) === cq) this.cqByVector.delete(cq.vector);
    cq.closedNs = this.telling.nowNs;
    for (const o of this.telling.observers) o.cqClosed?.(cq);
    for (const command of cq.unreaped) this.telling.endCommand(command);
    cq.unreaped.length = 0;
  }

  /** Ends every life; a new epoch begins. */
  closeAll(): void {
    for (const qid of this.sqs.keys()) this.closeSq(qid);
    for (const qid of this.cqs.keys()) this.closeCq(qid);
    this.creating.clear();
    this.askedBy.clear();
    this.epoch += 1;
    this.shadow = false;
    this.silent = false;
    this.lastFetched = undefined;
    this.lastCompletedCq = undefined;
  }

  /** A queue that is used was created, also where the completion of its admin command wasn't captured. */
  private openPending(side: number, qid: number): void {
    const cid = this.askedBy.get(queueKey(side, qid));
    if (cid !== undefined) this.settleCreation(cid, 0);
  }

  /** Takes a creation off the list of those that wait. */
  private settle(cid: number): Creation | undefined {
    const creation = this.creating.get(cid);
    if (creation === undefined) return undefined;
    this.creating.delete(cid);
    const key = queueKey(creation.side, creation.qid);
    if (this.askedBy.get(key) === cid) this.askedBy.delete(key);
    return creation;
  }

  private open({ side, qid, depth, extra }: Creation): void {
    if (side === SIDE_SQ) {
      this.closeSq(qid);
      this.openSq(qid, this.cq(extra), depth, false);
    } else {
      this.closeCq(qid);
      this.openCq(qid, depth, extra, false);
    }
  }

  /** Counts a queue that is about to begin; gives up the oldest one when there are too many. */
  private makeRoom(queues: ReadonlyMap<number, unknown>, close: (qid: number) => void): void {
    this.telling.openQueues += 1;
    if (this.telling.openQueues <= MAX_OPEN_QUEUES) return;
    for (const qid of queues.keys()) {
      if (qid === 0) continue;
      this.telling.evidence.forgottenQueues += 1;
      close(qid);
      return;
    }
  }

  private openCq(qid: number, depth: number, vector: number, inferred: boolean): CqLife {
    this.makeRoom(this.cqs, (oldest) => this.closeCq(oldest));
    const cq = newCq({ controller: this.id, qid, depth, depthInferred: inferred, vector, createdNs: this.telling.nowNs });
    this.cqs.set(qid, cq);
    if (cq.whole) this.wholeLives.add(cq);
    if (vector >= 0) this.cqByVector.set(vector, cq);
    return cq;
  }

  private openSq(qid: number, cq: CqLife, depth: number, inferred: boolean): SqLife {
    this.makeRoom(this.sqs, (oldest) => this.closeSq(oldest));
    const { id, epoch } = this;
    const sq = newSq({ controller: id, epoch, qid, cq, depth, depthInferred: inferred, createdNs: this.telling.nowNs });
    sq.shadow = this.shadow;
    cq.sqs.push(sq);
    this.sqs.set(qid, sq);
    if (sq.whole) this.wholeLives.add(sq);
    for (const o of this.telling.observers) o.sqCreated?.(sq, this.telling.nowNs);
    return sq;
  }
}

function queueKey(side: number, qid: number): number {
  return qid * 2 + (side === SIDE_SQ ? 0 : 1);
}
