// Who watches a history being told. Every method is optional; lives passed in are live objects:
// read what is needed during the call.

import type { CommandLife, CqLife, SqLife } from './lives.js';

export interface HistoryObserver {
  sqCreated?(sq: SqLife, timeNs: number): void;
  /**
   * The driver is known to have moved the SQ tail by `count` entries. `mmio`: by a register write of `thread`;
   * otherwise the device's read of the shadow doorbell shows it, or its fetch of an entry that no doorbell told of.
   * A repeated value moves by 0, and so does a register write that comes later than the device's read.
   */
  announced?(sq: SqLife, timeNs: number, count: number, mmio: boolean, thread: number): void;
  /** The driver built a command; only where its own events were captured. */
  setUp?(command: CommandLife, timeNs: number): void;
  fetched?(command: CommandLife, timeNs: number): void;
  completed?(command: CommandLife, timeNs: number): void;
  interrupted?(cq: CqLife, timeNs: number): void;
  /** The driver is newly known to have consumed `count` entries; `mmio` and `thread` as in `announced`. */
  reaped?(cq: CqLife, timeNs: number, count: number, mmio: boolean, thread: number): void;
  /** A command's life ended: consumed by the driver, or cut off with its queue or the capture. */
  commandEnded?(command: CommandLife): void;
  sqClosed?(sq: SqLife): void;
  /** Called while `unreaped` still holds what nobody consumed. */
  cqClosed?(cq: CqLife): void;
}
