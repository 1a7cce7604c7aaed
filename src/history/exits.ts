// Time that vCPUs spend outside of the guest: each vm.exit up to the same thread's next vm.entry, and which doorbell it was for.

import { ABSENT, type EventBatch } from '../trace/batch.js';
import { KIND, SIDE_CQ } from '../trace/event.js';

/** Threads that are followed; events of further ones are not paired. */
const MAX_THREADS = 4096;
/** Exit reasons that are counted apart. */
const MAX_REASONS = 256;

/** Exits of one kind. */
export interface ExitTotal {
  exits: number;
  /** Time from exit to entry, in ns. */
  totalNs: number;
}

export interface ExitReport {
  readonly all: ExitTotal;
  /** By exit reason: VMX basic reason or SVM exit code. */
  readonly byReason: readonly (ExitTotal & { readonly reason: number })[];
  /** Exits in which a doorbell of an I/O queue was written. */
  readonly doorbells: { readonly sq: ExitTotal; readonly cq: ExitTotal };
  /** Exits whose entry the capture doesn't show, or without time stamps. */
  readonly unpaired: number;
}

interface OpenExit {
  readonly reason: number;
  readonly timeNs: number;
  /** Side of the I/O doorbell that was written since; ABSENT for none. */
  side: number;
}

/** Pairs exits with entries. Push every event of the trace. */
export class ExitBook {
  private readonly open = new Map<number, OpenExit>();
  private readonly byReason = new Map<number, ExitTotal>();
  private readonly all = newTotal();
  private readonly sides = { sq: newTotal(), cq: newTotal() };
  private unpaired = 0;
  private readonly doorbellExit: (side: number, durationNs: number) => void;

  /** @param doorbellExit called with each exit in which a doorbell of an I/O queue was written */
  constructor(doorbellExit: (side: number, durationNs: number) => void = () => {}) {
    this.doorbellExit = doorbellExit;
  }

  push(batch: EventBatch, row: number): void {
    const thread = batch.thread[row]!;
    switch (batch.kind[row]) {
      case KIND['vm.exit']:
        this.exit(thread, batch.value[row]!, batch.timeNs[row]!);
        break;
      case KIND['vm.entry']:
        this.enter(thread, batch.timeNs[row]!);
        break;
      case KIND['doorbell.mmio']: {
        const exit = batch.queue[row]! > 0 ? this.open.get(thread) : undefined;
        if (exit !== undefined) exit.side = batch.side[row]!;
        break;
      }
      default:
        break;
    }
  }

  /** Undefined for a trace without exits. */
  result(): ExitReport | undefined {
    if (this.all.exits + this.unpaired + this.open.size === 0) return undefined;
    const byReason = [...this.byReason].map(([reason, total]) => ({ reason, ...total }));
    byReason.sort((a, b) => b.totalNs - a.totalNs || a.reason - b.reason);
    return { all: this.all, byReason, doorbells: this.sides, unpaired: this.unpaired + this.open.size };
  }

  private exit(thread: number, reason: number, timeNs: number): void {
    const isOpen = this.open.has(thread);
    // The entry of the exit before was not captured, or this one is beyond the bound.
    if (isOpen || this.open.size >= MAX_THREADS) this.unpaired += 1;
    if (isOpen || this.open.size < MAX_THREADS) this.open.set(thread, { reason, timeNs, side: ABSENT });
  }

  private enter(thread: number, timeNs: number): void {
    const exit = this.open.get(thread);
    if (exit === undefined) return;
    this.open.delete(thread);
    const durationNs = timeNs - exit.timeNs;
    if (!(durationNs >= 0)) {
      this.unpaired += 1;
      return;
    }
    add(this.all, durationNs);
    let reason = this.byReason.get(exit.reason);
    if (reason === undefined && this.byReason.size < MAX_REASONS) {
      reason = newTotal();
      this.byReason.set(exit.reason, reason);
    }
    if (reason !== undefined) add(reason, durationNs);
    if (exit.side === ABSENT) return;
    add(exit.side === SIDE_CQ ? this.sides.cq : this.sides.sq, durationNs);
    this.doorbellExit(exit.side, durationNs);
  }
}

function newTotal(): ExitTotal {
  return { exits: 0, totalNs: 0 };
}

function add(total: ExitTotal, durationNs: number): void {
  total.exits += 1;
  total.totalNs += durationNs;
}
