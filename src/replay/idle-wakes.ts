// Submissions that found the device idle, counted from the events of a run.

import { History } from '../history/history.js';
import type { BatchConsumer } from '../trace/batch.js';
import { ACTION, type Action, Actions } from './actions.js';

/** Counts them as they come, in the way in which a calibration counts those of a recording: see DeviceReader.isIdle. */
class IdleWakes extends Actions {
  found = 0;
  private announcements = 0;
  private fetches = 0;
  private inDevice = 0;

  protected take({ action, count }: Action): void {
    if (action === ACTION.announce && count > 0) {
      if (this.inDevice === 0 && this.announcements <= this.fetches) this.found += 1;
      this.announcements += count;
    } else if (action === ACTION.fetch) {
      this.inDevice += 1;
      this.fetches += 1;
      this.announcements = Math.max(this.announcements, this.fetches);
    } else if (action === ACTION.complete) this.inDevice = Math.max(this.inDevice - 1, 0);
  }
}

/** Counts a run's submissions to an idle device. */
export class IdleWakeCounter {
  private readonly wakes = new IdleWakes();
  private readonly history = new History([this.wakes]);

  readonly consume: BatchConsumer = (batch) => this.history.push(batch);

  /** Call once, after the run. */
  result(): number {
    this.history.end();
    return this.wakes.found;
  }
}
