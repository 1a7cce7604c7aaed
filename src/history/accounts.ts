// The accounts of each queue's life: what rang, what was suppressed, what the device published, what is missing.
// A life is that of a submission queue; what concerns a completion queue stands with the submission queue of the same
// identifier, as Linux and QEMU pair them, else with the first that was attached to it.

import type { EventBatch } from '../trace/batch.js';
import { KIND, SIDE_CQ } from '../trace/event.js';
import { isEventRequest } from './counts.js';
import type { CommandLife, CqLife, SqLife } from './lives.js';
import type { HistoryObserver } from './observer.js';

/** Lives with an account of their own; all further ones share the last, so that memory stays bounded: some 20 MB. */
const MAX_ACCOUNTS = 16_384;

/** One side of a queue. */
export interface SideAccount {
  /** Register writes that the capture shows. */
  mmio: number;
  /** Shadow values that the device was seen to read. */
  shadowReads: number;
  /** Of these, values that differed from the one before. */
  shadowNews: number;
  lastShadow: number;
  /** EventIdx values that the device was seen to write. */
  eventIdx: number;
  /** Entries that the tail or head is known to have moved by. */
  moved: number;
  /** Register writes that moved it by one entry, and the entries that the others passed over. */
  singles: number;
  skipped: number;
  /** Longest time between two register writes in ns, and the sum of such times. */
  longestGapNs: number;
  gapsNs: number;
  lastMmioNs: number;
}

/** The account of one queue's life. Counts of entries and events; times in ns since the trace's origin. */
export interface QueueAccount {
  /** Number of the life in the trace, from 0, in the order of their beginnings. */
  readonly life: number;
  readonly sq: SqLife;
  readonly sides: { readonly sq: SideAccount; readonly cq: SideAccount };
  setups: number;
  fetched: number;
  completed: number;
  finished: number;
  /** Commands that ended without a completion, but for Asynchronous Event Requests. */
  unfinished: number;
  interrupts: number;
}

function newSide(): SideAccount {
  return {
    mmio: 0, shadowReads: 0, shadowNews: 0, lastShadow: NaN, eventIdx: 0, moved: 0, singles: 0, skipped: 0, longestGapNs: 0, gapsNs: 0, lastMmioNs: NaN,
  };
}

/** Keeps the accounts. It needs each event after the history has taken it, beside being the history's observer. */
export class AccountBook implements HistoryObserver {
  /** Every account, in the order of the lives. */
  readonly accounts: QueueAccount[] = [];
  private readonly bySq = new WeakMap<SqLife, QueueAccount>();

  lifeOf(sq: SqLife): number {
    return this.of(sq).life;
  }

  of(sq: SqLife): QueueAccount {
    const known = this.bySq.get(sq);
    if (known !== undefined) return known;
    if (this.accounts.length === MAX_ACCOUNTS) return this.accounts.at(-1)!;
    const account: QueueAccount = {
      life: this.accounts.length,
      sq,
      sides: { sq: newSide(), cq: newSide() },
      setups: 0,
      fetched: 0,
      completed: 0,
      finished: 0,
      unfinished: 0,
      interrupts: 0,
    };
    this.accounts.push(account);
    this.bySq.set(sq, account);
    return account;
  }

  /** Counts an event; `sq` is the queue that it belongs to, as the history knows it now. */
  count(batch: EventBatch, row: number, sq: SqLife | undefined): void {
    if (sq === undefined) return;
    const account = this.of(sq);
    const side = batch.side[row] === SIDE_CQ ? account.sides.cq : account.sides.sq;
    switch (batch.kind[row]) {
      case KIND['doorbell.mmio']:
        ring(side, batch.timeNs[row]!);
        break;
      case KIND['doorbell.shadow']:
        side.shadowReads += 1;
        if (batch.value[row] !== side.lastShadow) side.shadowNews += 1;
        side.lastShadow = batch.value[row]!;
        break;
      case KIND.eventidx:
        side.eventIdx += 1;
        break;
      default:
        break;
    }
  }

  sqCreated(sq: SqLife): void {
    this.of(sq);
  }

  announced(sq: SqLife, _timeNs: number, count: number, mmio: boolean): void {
    const side = this.of(sq).sides.sq;
    side.moved += count;
    if (mmio && count === 1) side.singles += 1;
    else if (mmio && count > 1) side.skipped += count - 1;
  }

  reaped(cq: CqLife, _timeNs: number, count: number): void {
    const sq = ownerOf(cq);
    if (sq !== undefined) this.of(sq).sides.cq.moved += count;
  }

  setUp({ sq }: CommandLife): void {
    this.of(sq).setups += 1;
  }

  fetched({ sq }: CommandLife): void {
    this.of(sq).fetched += 1;
  }

  completed({ sq }: CommandLife): void {
    this.of(sq).completed += 1;
  }

  interrupted(cq: CqLife): void {
    const sq = ownerOf(cq);
    if (sq !== undefined) this.of(sq).interrupts += 1;
  }

  commandEnded(command: CommandLife): void {
    const account = this.of(command.sq);
    if (!Number.isNaN(command.finishedNs)) account.finished += 1;
    if (!command.completed && !isEventRequest(command)) account.unfinished += 1;
  }
}

/** The submission queue that a completion queue's account stands with. */
export function ownerOf(cq: CqLife): SqLife | undefined {
  return cq.sqs.find((sq) => sq.qid === cq.qid) ?? cq.sqs[0];
}

function ring(side: SideAccount, timeNs: number): void {
  side.mmio += 1;
  const gapNs = timeNs - side.lastMmioNs;
  if (gapNs > 0) {
    side.gapsNs += gapNs;
    side.longestGapNs = Math.max(side.longestGapNs, gapNs);
  }
  side.lastMmioNs = timeNs;
}
