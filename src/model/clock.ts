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

  /** Registers an actor and returns its number. */
  addActor(handler: EventHandler): number {
    return this.handlers.push(handler) - 1;
  }

  /** Schedules a message to an actor at `timeNs`, which must not lie in the past. */
  at(timeNs: number, actor: number, message: number): void {
    if (!(timeNs >= this.nowNs)) fail(`an event at ${timeNs} ns is in the past of ${this.nowNs} ns`);
    this.pending.push(timeNs, actor, message);
  }

  /** Handles events until none is left (returns true) or `maxEvents` have been handled in all (returns false). */
  run(maxEvents: number): boolean {
    const { pending, handlers } = this;
    while (pending.pop()) {
      this.nowNs = pending.poppedTimeNs;
      this.handled += 1;
      if (this.handled > maxEvents) return false;
      handlers[pending.poppedActor]!(pending.poppedMessage, this.nowNs);
    }
    return true;
  }
}
