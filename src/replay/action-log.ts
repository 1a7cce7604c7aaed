// The actions of a recording that the replay is calibrated from, in trace order, in columns:
// announcements, fetches, completions, interrupts, reapings of the I/O queues.

import type { CommandLife, CqLife, SqLife } from '../history/lives.js';
import type { HistoryObserver } from '../history/observer.js';

export const ACTION = { announce: 0, fetch: 1, complete: 2, interrupt: 3, reap: 4 } as const;

/** Actions kept at most: about 120 MiB. A longer recording is replayed from its first part, and says so. */
export const MAX_ACTIONS = 4_000_000;

const FIRST_CAPACITY = 65_536;

/** The log. Rows 0 .. length - 1 of the columns are valid. */
export class ActionLog implements HistoryObserver {
  length = 0;
  /** Actions that came after the log was full. */
  dropped = 0;
  /** See ACTION. */
  action = new Uint8Array(FIRST_CAPACITY);
  /** Place of the queue in `queues`. */
  queue = new Uint16Array(FIRST_CAPACITY);
  timeNs = new Float64Array(FIRST_CAPACITY);
  /** Entries announced or reaped; 1 for the other actions. */
  count = new Uint16Array(FIRST_CAPACITY);
  /** 1 when an announcement or a reaping was a register write. */
  mmio = new Uint8Array(FIRST_CAPACITY);
  /** Of the command that was fetched or completed; 0 for the other actions. */
  opcode = new Uint8Array(FIRST_CAPACITY);
  /** Time since the command was fetched, for completions, in ns. */
  serviceNs = new Float64Array(FIRST_CAPACITY);
  /** The I/O submission queues that were seen, in the order of their creation. */
  readonly queues: SqLife[] = [];
  /** Of an SQ and of its CQ: what happens to a CQ counts for the SQ that was attached to it last. */
  private readonly places = new Map<SqLife | CqLife, number>();

  sqCreated(sq: SqLife): void {
    if (sq.qid === 0) return;
    this.places.set(sq, this.queues.length);
    this.places.set(sq.cq, this.queues.length);
    this.queues.push(sq);
  }

  announced(sq: SqLife, timeNs: number, count: number, mmio: boolean): void {
    if (count > 0 || mmio) this.add(ACTION.announce, sq, timeNs, count, mmio);
  }

  fetched(command: CommandLife, timeNs: number): void {
    this.add(ACTION.fetch, command.sq, timeNs, 1, false, command.opcode);
  }

  completed(command: CommandLife, timeNs: number): void {
    this.add(ACTION.complete, command.sq, timeNs, 1, false, command.opcode, timeNs - command.fetchedNs);
  }

  interrupted(cq: CqLife, timeNs: number): void {
    this.add(ACTION.interrupt, cq, timeNs, 1, false);
  }

  reaped(cq: CqLife, timeNs: number, count: number, mmio: boolean): void {
    if (count > 0 || mmio) this.add(ACTION.reap, cq, timeNs, count, mmio);
  }

  private add(action: number, of: SqLife | CqLife, timeNs: number, count: number, mmio: boolean, opcode = 0, serviceNs = 0): void {
    const place = this.places.get(of);
    if (place === undefined) return;
    if (this.length === MAX_ACTIONS) {
      this.dropped += 1;
      return;
    }
    if (this.length === this.action.length) this.grow();
    const row = this.length++;
    this.action[row] = action;
    this.queue[row] = place;
    this.timeNs[row] = timeNs;
    this.count[row] = count;
    this.mmio[row] = mmio ? 1 : 0;
    this.opcode[row] = opcode;
    this.serviceNs[row] = serviceNs;
  }

  private grow(): void {
    const capacity = Math.min(this.action.length * 2, MAX_ACTIONS);
    this.action = widened(this.action, new Uint8Array(capacity));
    this.queue = widened(this.queue, new Uint16Array(capacity));
    this.timeNs = widened(this.timeNs, new Float64Array(capacity));
    this.count = widened(this.count, new Uint16Array(capacity));
    this.mmio = widened(this.mmio, new Uint8Array(capacity));
    this.opcode = widened(this.opcode, new Uint8Array(capacity));
    this.serviceNs = widened(this.serviceNs, new Float64Array(capacity));
  }
}

function widened<T extends Uint8Array | Uint16Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
