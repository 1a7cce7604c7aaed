// Use case: what a replay of a trace is calibrated from.

import { type CalibrationReport as Calibrated, calibrationReport } from '../replay/calibration-report.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import { openStoreForReading } from '../store/open.js';
import { readReplayable } from './subject.js';

export type { Calibrated };

/** Calibrates a trace, or a part of it, as a replay does, and describes it. Throws a usageError when it can't be replayed. */
export function calibration(db: string, reference: string, window?: TimeWindow): Calibrated {
  const store = openStoreForReading(db);
  try {
    const { subject } = readReplayable(store, reference, { window });
    const { log, host } = subject;
    return calibrationReport(subject.calibration, host, (place) => log.queues[place]!.qid);
  } finally {
    store.close();
  }
}
