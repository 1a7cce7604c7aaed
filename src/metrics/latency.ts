// Command latency as the driver sees it: from building a command to consuming its completion. A lean counter for runs of the
// model, which record both; a history tells the same of any trace, with all that goes with it.

import type { EventBatch } from '../trace/batch.js';
import { KIND } from '../trace/event.js';
import { DurationHistogram } from './histogram.js';
import type { Metric } from './metric.js';

const CIDS = 65_536;

export class LatencyCounter implements Metric<DurationHistogram> {
  private readonly latency = new DurationHistogram();
  /** By queue: when the command of each identifier was built, in ns; NaN when it wasn't seen. */
  private readonly setupNs: Float64Array[] = [];

  push({ cid, kind, length, queue, timeNs }: EventBatch): void {
    const setup = KIND['command.setup'];
    const reap = KIND['command.reap'];
    for (let row = 0; row < length; row++) {
      if (kind[row] === setup) this.timesOf(queue[row]!)[cid[row]!] = timeNs[row]!;
      else if (kind[row] === reap) {
        const times = this.timesOf(queue[row]!);
        this.latency.add(timeNs[row]! - times[cid[row]!]!);
        times[cid[row]!] = NaN;
      }
    }
  }

  result(): DurationHistogram {
    return this.latency;
  }

  private timesOf(queue: number): Float64Array {
    return (this.setupNs[queue] ??= new Float64Array(CIDS).fill(NaN));
  }
}
