// Calibrations written by hand: of a recording that showed nothing, and of one queue that showed little.

import type { Calibration } from '../../src/replay/calibrate.js';
import type { QueueCalibration } from '../../src/replay/driver-times.js';

export const NOTHING: Calibration = {
  queues: [],
  wakes: [],
  special: [],
  waitedFor: [],
  fetchNs: [],
  backend: [],
  completeNs: [],
  interruptNs: [],
  workers: undefined,
  handlerNs: [],
  busyHandlerNs: [],
  pendingHandlerNs: [],
  letInAfterSignalNs: [],
  handlerTailNs: 0,
  perCompletionNs: 0,
  kickNs: 0,
  parallel: false,
  vcpusApart: false,
  recordScale: 1,
  idleWakes: 0,
  overlap: 0,
  mmio: { sq: 0, cq: 0 },
};

export const QUEUE: QueueCalibration = {
  place: 0,
  batches: [3, 1, 2],
  batchesInferred: 0,
  batchesComplete: true,
  batchOpcodes: [-1, 0, -1],
  commands: 3 + 1 + 2,
  window: 4,
  windowReached: true,
  polled: false,
  startNs: 70,
  thinkAfterSubmitNs: [6_000, 9_000],
  thinkAfterReapNs: [20_000],
  shortThinkNs: NaN,
  shortGapsNs: [],
};
