// Open loop: submissions at the times that the recording shows, whatever completes when. Only a full queue holds them up.
// Of a recording with shadow doorbells on, the times are those at which the device came to know of the submissions.

import type { Work } from '../model/service.js';
import { ACTION, type ActionLog } from './action-log.js';
import type { Numbers, RunQueue } from './shared.js';
import type { SteadyPart } from './steady.js';

/** A queue's submissions in order: when, and how many commands at once. */
export interface Submissions {
  readonly timesNs: Float64Array;
  readonly counts: Uint16Array;
}

/** The submissions of each of the part's queues, by place; times from the part's first action on, in ns. */
export function recordedSubmissions(log: ActionLog, { from, to, queues }: Omit<SteadyPart, 'leftOut'>): ReadonlyMap<number, Submissions> {
  const rows = new Map<number, number[]>(queues.map((place) => [place, []]));
  for (let row = from; row < to; row++) {
    if (log.action[row] === ACTION.announce && log.count[row]! > 0) rows.get(log.queue[row]!)?.push(row);
  }
  const firstNs = log.timeNs[from] ?? 0;
  return new Map(
    [...rows].map(([place, own]) => [place, { timesNs: Float64Array.from(own, (row) => log.timeNs[row]! - firstNs), counts: Uint16Array.from(own, (row) => log.count[row]!) }]),
  );
}

/** One queue's submissions at their recorded times. */
export class OpenWork implements Work {
  /** Only the queue's entries limit what is outstanding. */
  readonly window = Infinity;
  readonly startNs: number;
  opcode = -1;
  private readonly submissions: Submissions;
  private readonly opcodes: Numbers;
  private next = 0;

  constructor({ batchOpcodes, batchesComplete }: RunQueue, submissions: Submissions) {
    this.submissions = submissions;
    this.startNs = submissions.timesNs[0] ?? 0;
    // Where doorbells were silent, the calibration knows some of the batches only.
    this.opcodes = batchesComplete ? batchOpcodes : [];
  }

  nextBatch(): number {
    const at = this.next++;
    this.opcode = this.opcodes[at] ?? -1;
    return this.submissions.counts[at] ?? 0;
  }

  /** Until the recorded time of the batch that `nextBatch` returned last. */
  pauseNs(nowNs: number): number {
    return Math.max(this.submissions.timesNs[this.next - 1]! - nowNs, 0);
  }

  thinkAfterSubmitNs(): number {
    return 0;
  }

  thinkAfterReapNs(): number {
    return 0;
  }
}
