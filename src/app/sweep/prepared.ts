// A trace made ready for cells, as plain values: one thread reads and fits it, the others take it over.

import type { TimeWindow } from '../../metrics/occupancy.js';
import type { Calibration } from '../../replay/calibrate.js';
import type { HostFit } from '../../replay/host.js';
import type { SteadyPart } from '../../replay/steady.js';
import type { QueueShape } from '../../replay/run.js';
import { openStoreForReading } from '../../store/open.js';
import { readReplayable } from '../subject.js';

export interface PrepareOrder {
  readonly db: string;
  /** SHA-256 of the trace. */
  readonly trace: string;
  /** The part that is replayed; undefined: all of it. */
  readonly window: TimeWindow | undefined;
}

export interface PreparedTrace {
  readonly leftOut: SteadyPart['leftOut'];
  readonly calibration: Calibration;
  readonly host: HostFit;
  readonly queues: readonly QueueShape[];
  /** Actions beyond the replay's limit that were left out. */
  readonly droppedActions: number;
}

/** Reads and calibrates a trace. Throws a usageError when it can't be replayed. */
export function prepareTrace({ db, trace, window }: PrepareOrder): PreparedTrace {
  const store = openStoreForReading(db);
  try {
    const { part, subject } = readReplayable(store, trace, window);
    const { calibration, host, log } = subject;
    const queues = log.queues.map(({ qid, depth, cq }): QueueShape => ({ qid, depth, cq: { depth: cq.depth } }));
    return { leftOut: part.leftOut, calibration, host, queues, droppedActions: log.dropped };
  } finally {
    store.close();
  }
}
