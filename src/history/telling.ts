// What the parts of a history share while it is told: the time, the evidence so far, and who listens.

import { isEventRequest } from './counts.js';
import type { CommandLife, SqLife } from './lives.js';
import type { HistoryObserver } from './observer.js';

/** How sure the history is: what had to be inferred, and what doesn't fit together. */
export interface HistoryEvidence {
  /** Queues whose creation wasn't captured. */
  inferredQueues: number;
  /** Completions for which no command was open. */
  unmatchedCompletions: number;
  /** Commands that ended without a completion: cut off by a reset, a deletion or the end of the capture, or their cid used anew. */
  unfinishedCommands: number;
  /** Asynchronous Event Requests without a completion, which are no unfinished commands: they wait for an event, and none came. */
  openEventRequests: number;
  /** CQ head movements beyond the completions that were captured. */
  excessReaps: number;
  /** Register writes that came after the device had already read a newer shadow value. */
  lateDoorbells: number;
  /** Controller resets. */
  resets: number;
  /** Queues that were given up because more were open than are followed. */
  forgottenQueues: number;
}

export class Telling {
  /** Time of the event that is being told, in ns; NaN without time stamps. */
  nowNs = NaN;
  /** Queues that are open, over all controllers. */
  openQueues = 0;
  readonly observers: readonly HistoryObserver[];
  readonly evidence: HistoryEvidence = {
    inferredQueues: 0,
    unmatchedCompletions: 0,
    unfinishedCommands: 0,
    openEventRequests: 0,
    excessReaps: 0,
    lateDoorbells: 0,
    resets: 0,
    forgottenQueues: 0,
  };

  constructor(observers: readonly HistoryObserver[]) {
    this.observers = observers;
  }

  endUnfinished(command: CommandLife): void {
    if (isEventRequest(command)) this.evidence.openEventRequests += 1;
    else this.evidence.unfinishedCommands += 1;
    this.endCommand(command);
  }

  endCommand(command: CommandLife): void {
    for (const o of this.observers) o.commandEnded?.(command);
  }

  /** The identifier is used anew: the driver finished the command, though the capture doesn't show when. */
  endAwaiting(sq: SqLife, cid: number): void {
    const command = sq.awaiting.get(cid);
    if (command === undefined) return;
    sq.awaiting.delete(cid);
    this.endCommand(command);
  }
}
