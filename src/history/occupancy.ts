// Occupancy of the queues as a recording shows it: entries waiting in the SQ, commands in the device,
// completions waiting in the CQ. Exact where both ends of a step were captured; where shadow doorbells hide
// the driver's end, the SQ level is a lower bound and the CQ level an upper bound (the device learns late).

import { cqUnreaped, inDevice, sqWaiting } from './counts.js';
import type { CqLife, SqLife } from './lives.js';
import type { HistoryObserver } from './observer.js';

/** The three places where a command can be. */
export const STAGES = ['sq', 'device', 'cq'] as const;
export type Stage = (typeof STAGES)[number];

/** Receives each change of a level, in trace order; `level` in entries. */
export type LevelConsumer = (sq: SqLife, stage: Stage, timeNs: number, level: number) => void;

/** Reports occupancy changes of every submission queue; a CQ's level is reported for each of its SQs. */
export class OccupancyObserver implements HistoryObserver {
  private readonly consume: LevelConsumer;

  constructor(consume: LevelConsumer) {
    this.consume = consume;
  }

  setUp({ sq }: { sq: SqLife }, timeNs: number): void {
    this.consume(sq, 'sq', timeNs, sqWaiting(sq));
  }

  announced(sq: SqLife, timeNs: number): void {
    this.consume(sq, 'sq', timeNs, sqWaiting(sq));
  }

  fetched({ sq }: { sq: SqLife }, timeNs: number): void {
    this.consume(sq, 'sq', timeNs, sqWaiting(sq));
    this.consume(sq, 'device', timeNs, inDevice(sq));
  }

  completed({ sq }: { sq: SqLife }, timeNs: number): void {
    this.consume(sq, 'device', timeNs, inDevice(sq));
    this.unreaped(sq.cq, timeNs);
  }

  reaped(cq: CqLife, timeNs: number): void {
    this.unreaped(cq, timeNs);
    // Where only the driver's events were captured, its reaping is the first to tell that a command left the SQ.
    for (const sq of cq.sqs) this.consume(sq, 'sq', timeNs, sqWaiting(sq));
  }

  private unreaped(cq: CqLife, timeNs: number): void {
    for (const sq of cq.sqs) this.consume(sq, 'cq', timeNs, cqUnreaped(cq));
  }

  sqClosed(sq: SqLife): void {
    for (const stage of STAGES) this.consume(sq, stage, sq.closedNs, 0);
  }
}
