// Submissions that found the device idle, counted from the events of a run.

import { History } from '../history/history.js';
import type { BatchConsumer } from '../trace/batch.js';
import { ActionLog } from './action-log.js';
import { calibrate } from './calibrate.js';

/** Counts a run's submissions to an idle device in the same way as those of a recording. */
export class IdleWakeCounter {
  private readonly log = new ActionLog();
  private readonly history = new History([this.log]);

  readonly consume: BatchConsumer = (batch) => this.history.push(batch);

  /** Call once, after the run. */
  result(): number {
    const { history, log } = this;
    history.end();
    return calibrate(log, { from: 0, to: log.length, queues: log.queues.map((_, place) => place) }, { writeNs: 0, dispatchNs: 0 }).idleWakes;
  }
}
