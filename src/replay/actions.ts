// The actions of I/O queues, as a history tells of them: announcements, fetches, completions, interrupts, consumption.

import type { CommandLife, CqLife, SqLife } from '../history/lives.js';
import type { HistoryObserver } from '../history/observer.js';

export const ACTION = { announce: 0, fetch: 1, complete: 2, interrupt: 3, reap: 4 } as const;

/** One action. The object is used for all of them: copy what must be kept. */
export interface Action {
  /** See ACTION. */
  readonly action: number;
  /** Place of the queue in `queues`. */
  readonly place: number;
  readonly timeNs: number;
  /** Entries announced or reaped; 1 for the other actions. */
  readonly count: number;
  /** Whether an announcement or a reaping was a register write. */
  readonly mmio: boolean;
  /** Of the command that was fetched or completed; 0 for the other actions. */
  readonly opcode: number;
  /** Time since the command was fetched, for completions, in ns; otherwise 0. */
  readonly serviceNs: number;
}

/** Hands out the actions, in trace order. */
export abstract class Actions implements HistoryObserver {
  /** The I/O submission queues that were seen, in the order of their creation. */
  readonly queues: SqLife[] = [];
  /** Of an SQ and of its CQ: what happens to a CQ counts for the SQ that was attached to it last. */
  private readonly places = new Map<SqLife | CqLife, number>();
  private readonly at = { action: 0, place: 0, timeNs: 0, count: 0, mmio: false, opcode: 0, serviceNs: 0 };

  protected abstract take(action: Action): void;

  sqCreated(sq: SqLife): void {
    if (sq.qid === 0) return;
    this.places.set(sq, this.queues.length);
    this.places.set(sq.cq, this.queues.length);
    this.queues.push(sq);
  }

  announced(sq: SqLife, timeNs: number, count: number, mmio: boolean): void {
    if (count > 0 || mmio) this.add(ACTION.announce, sq, timeNs, count, mmio, 0, 0);
  }

  fetched({ sq, opcode }: CommandLife, timeNs: number): void {
    this.add(ACTION.fetch, sq, timeNs, 1, false, opcode, 0);
  }

  completed({ sq, opcode, fetchedNs }: CommandLife, timeNs: number): void {
    this.add(ACTION.complete, sq, timeNs, 1, false, opcode, timeNs - fetchedNs);
  }

  interrupted(cq: CqLife, timeNs: number): void {
    this.add(ACTION.interrupt, cq, timeNs, 1, false, 0, 0);
  }

  reaped(cq: CqLife, timeNs: number, count: number, mmio: boolean): void {
    if (count > 0 || mmio) this.add(ACTION.reap, cq, timeNs, count, mmio, 0, 0);
  }

  private add(action: number, of: SqLife | CqLife, timeNs: number, count: number, mmio: boolean, opcode: number, serviceNs: number): void {
    const place = this.places.get(of);
    if (place === undefined) return;
    const { at } = this;
    at.action = action;
    at.place = place;
    at.timeNs = timeNs;
    at.count = count;
    at.mmio = mmio;
    at.opcode = opcode;
    at.serviceNs = serviceNs;
    this.take(at);
  }
}
