// The model's clock: simulated time, and the events still to come. Actors register a handler and get a number;
// an event is (time, actor, message). Equal times are handled in the order in which they were scheduled.

import { fail } from '../base/assert.js';
import { EventHeap } from '../base/heap.js';

/** Handles one event of an actor; `message` is the actor's own code. */
export type EventHandler = (message: number, nowNs: number) => void;

export class Clock {
  /** Simulated time in ns; never goes back. */
  nowNs = 0;
  /** Events handled so far. */
  handled = 0;
  private readonly pending = new EventHeap();
  private readonly handlers: EventHandler[] = [];
  private maxEvents = 0;

  /** Registers an actor and returns its number. */
  addActor(handler: EventHandler): number {
    return this.handlers.push(handler) - 1;
  }

  /** Schedules a message to an actor at `timeNs`, which must not lie in the past. @param turn one that was taken before */
  at(timeNs: number, actor: number, message: number, turn = this.takeTurn()): void {
    if (!(timeNs >= this.nowNs)) fail(`an event at ${timeNs} ns is in the past of ${this.nowNs} ns`);
    this.pending.push(timeNs, actor, message, turn);
  }

  /** The turn among equal times of an event that is scheduled now, for one whose time is known only later. */
  takeTurn(): number {
    return this.pending.takeTurn();
  }

  /**
   * Instead of `at`, and as the last thing that a handler does: if that event would be the next one anyway, it is that time
   * now, and the caller handles it. Returns whether that is so.
   */
  goOn(timeNs: number, turn: number): boolean {
    if (this.handled >= this.maxEvents || !this.pending.isNext(timeNs, turn)) return false;
    this.nowNs = timeNs;
    this.handled += 1;
    return true;
  }

  /** Instead of `goOn` for something that takes no time, and is done before all that is still to come at this time. */
  stays(): boolean {
    if (this.handled >= this.maxEvents) return false;
    this.handled += 1;
    return true;
  }

  /** Handles events until none is left (returns true) or `maxEvents` have been handled in all (returns false). */
  run(maxEvents: number): boolean {
    const { pending, handlers } = this;
    this.maxEvents = maxEvents;
    while (pending.pop()) {
      this.nowNs = pending.poppedTimeNs;
      this.handled += 1;
      if (this.handled > maxEvents) return false;
      handlers[pending.poppedActor]!(pending.poppedMessage, this.nowNs);
    }
    return true;
  }
}
