// The actions of a recording that the replay is calibrated from, in trace order, in columns:
// announcements, fetches, completions, interrupts, reapings of the I/O queues.

import { type MmioTotal, mmioTotal } from '../metrics/doorbells.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import { ACTION, type Action, Actions } from './actions.js';
import { InFlight } from './in-flight.js';

export { ACTION };

/** Actions kept at most: 88 MiB. A longer recording is replayed from its first part, and says so. */
export const MAX_ACTIONS = 4_000_000;

const FIRST_CAPACITY = 65_536;

/** The log. Rows 0 .. length - 1 of the columns are valid. */
export class ActionLog extends Actions {
  length = 0;
  /** Actions of the window that came after the log was full. */
  dropped = 0;
  /** What was under way when the window began. */
  readonly before = new InFlight();
  /** The last action before the window, and the first one behind it; NaN without any. */
  readonly around = { beforeNs: NaN, behindNs: NaN };
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
  private readonly window: TimeWindow | undefined;
  private readonly maxActions: number;
  private firstDroppedNs = NaN;

  /** @param window actions outside of it aren't kept; undefined: all are */
  constructor(window?: TimeWindow, maxActions = MAX_ACTIONS) {
    super();
    this.window = window;
    this.maxActions = maxActions;
  }

  /** The part of the recording that is kept, where that isn't all of it: from inclusive, to exclusive. */
  get cut(): TimeWindow | undefined {
    const { window, dropped, firstDroppedNs } = this;
    if (dropped === 0) return window;
    return { fromNs: window?.fromNs ?? 0, toNs: firstDroppedNs };
  }

  /** Commands that were fetched, and register writes. */
  counts(): { readonly commands: number; readonly mmio: MmioTotal } {
    let commands = 0;
    const writes = { sq: 0, cq: 0 };
    for (let row = 0; row < this.length; row++) {
      if (this.action[row] === ACTION.fetch) commands += 1;
      if (this.mmio[row] === 1) writes[this.action[row] === ACTION.announce ? 'sq' : 'cq'] += 1;
    }
    return { commands, mmio: mmioTotal(writes) };
  }

  protected take({ action, place, timeNs, count, mmio, opcode, serviceNs }: Action): void {
    const { window } = this;
    if (window !== undefined && timeNs < window.fromNs) {
      this.around.beforeNs = timeNs;
      this.before.take(action, place, count, opcode);
      return;
    }
    if (window !== undefined && timeNs >= window.toNs) {
      if (Number.isNaN(this.around.behindNs)) this.around.behindNs = timeNs;
      return;
    }
    if (this.length === this.maxActions) {
      if (this.dropped === 0) this.firstDroppedNs = timeNs;
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

  /** The memory of the columns. */
  buffers(): readonly ArrayBuffer[] {
    return [this.action, this.queue, this.timeNs, this.count, this.mmio, this.opcode, this.serviceNs].map(({ buffer }) => buffer);
  }

  private grow(): void {
    const capacity = Math.min(this.action.length * 2, this.maxActions);
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
