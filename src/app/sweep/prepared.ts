// A trace made ready for cells, as plain values: one thread reads and fits it, the others take it over.

import type { TimeWindow } from '../../metrics/occupancy.js';
import type { HostFit } from '../../replay/host.js';
import type { SteadyPart } from '../../replay/steady.js';
import type { RunCalibration } from '../../replay/shared.js';
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
  readonly calibration: RunCalibration;
  readonly host: HostFit;
  readonly queues: readonly QueueShape[];
  /** Actions beyond the replay's limit that were left out. */
  readonly droppedActions: number;
}

/** Reads and calibrates a trace. Throws a usageError when it can't be replayed. */
export function prepareTrace({ db, trace, window }: PrepareOrder): PreparedTrace {
  const store = openStoreForReading(db);
  try {
    const { part, recording, subject: { calibration, host } } = readReplayable(store, trace, { window });
    const queues = recording.queues.map(({ qid, depth, cq }): QueueShape => ({ qid, depth, cq: { depth: cq.depth } }));
    return { leftOut: part.leftOut, calibration, host, queues, droppedActions: recording.dropped };
  } finally {
    store.close();
  }
}
