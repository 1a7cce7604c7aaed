// What a history told its observers about a scene.

import { History } from '../../src/history/history.js';
import type { HistoryEvidence } from '../../src/history/telling.js';
import type { CommandLife, CqLife, SqLife } from '../../src/history/lives.js';
import type { HistoryObserver } from '../../src/history/observer.js';
import { OccupancyObserver, type Stage } from '../../src/history/occupancy.js';
import type { Scene } from './scene.js';

interface Move {
  readonly qid: number;
  readonly timeNs: number;
  readonly count: number;
  readonly mmio: boolean;
  readonly thread: number;
}

export class Journal implements HistoryObserver {
  /** Commands in the order of their ends. */
  readonly ended: CommandLife[] = [];
  readonly announcements: Move[] = [];
  readonly reapings: Move[] = [];
  readonly interrupts: { readonly qid: number; readonly timeNs: number }[] = [];
  readonly sqs: SqLife[] = [];
  readonly closed: SqLife[] = [];

  sqCreated(sq: SqLife): void {
    this.sqs.push(sq);
  }

  announced({ qid }: SqLife, timeNs: number, count: number, mmio: boolean, thread: number): void {
    this.announcements.push({ qid, timeNs, count, mmio, thread });
  }

  interrupted({ qid }: CqLife, timeNs: number): void {
    this.interrupts.push({ qid, timeNs });
  }

  reaped({ qid }: CqLife, timeNs: number, count: number, mmio: boolean, thread: number): void {
    this.reapings.push({ qid, timeNs, count, mmio, thread });
  }

  commandEnded(command: CommandLife): void {
    this.ended.push(command);
  }

  sqClosed(sq: SqLife): void {
    this.closed.push(sq);
  }

  /** How many entries each announcement moved the tail by. */
  get announcedCounts(): readonly number[] {
    return this.announcements.map(({ count }) => count);
  }

  get reapedCounts(): readonly number[] {
    return this.reapings.map(({ count }) => count);
  }
}

export interface Told extends Journal {
  readonly evidence: HistoryEvidence;
  /** Changes of each level, as "stage qid: level". */
  readonly levels: readonly string[];
}

/** Tells the history of a scene to its end. */
export function tell(scene: Scene): Told {
  const journal = new Journal();
  const levels: string[] = [];
  const occupancy = new OccupancyObserver((sq: SqLife, stage: Stage, _timeNs, level) => levels.push(`${stage} ${sq.qid}: ${level}`));
  const history = new History([journal, occupancy]);
  scene.play((batch) => history.push(batch));
  history.end();
  return Object.assign(journal, { evidence: history.evidence, levels });
}

/** What the evidence says when there is nothing to say. */
export const NOTHING_ODD: HistoryEvidence = {
  inferredQueues: 0,
  unmatchedCompletions: 0,
  unfinishedCommands: 0,
  openEventRequests: 0,
  excessReaps: 0,
  lateDoorbells: 0,
  resets: 0,
  forgottenQueues: 0,
};
