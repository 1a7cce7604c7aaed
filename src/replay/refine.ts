// Refinement: where vCPUs and the device run side by side, a write that waited for the device's lock is seen late, so that
// most gaps of a recording hold waits that the model makes again. What a submission takes is read off the gaps that
// hold none; what the handler takes after its doorbell shows nowhere alone, and is found by replaying the recording
// as it was: the replay must take as long. Nothing but the recording is used.

import { ascending } from '../metrics/stats.js';
import { History } from '../history/history.js';
import type { ActionLog } from './action-log.js';
import { type Action, Actions } from './actions.js';
import { type Configuration, type Subject, runOnce } from './run.js';
import type { RunCalibration, RunQueue } from './shared.js';

const TAIL_NS = { low: 0, high: 24_000 };
const STEPS = 6;
const FIRST_SEED = 2_000_000;
/** Gaps beyond this are pauses of the workload or of the host, and say nothing about the driver's path. */
const PAUSE_NS = 300_000;

/** Corrects the think times and the handler's tail of a recording. */
export function refine(subject: Subject, recorded: Configuration): RunCalibration {
  const { log } = subject;
  const calibration = { ...subject.calibration, queues: subject.calibration.queues.map(unhurried) };
  const wantedNs = new BusyTime().ofLog(log).ns;
  let { low, high } = TAIL_NS;
  for (let step = 0; step < STEPS; step++) {
    const handlerTailNs = (low + high) / 2;
    if (replayedNs({ ...subject, calibration: { ...calibration, handlerTailNs } }, recorded) < wantedNs) low = handlerTailNs;
    else high = handlerTailNs;
  }
  return { ...calibration, handlerTailNs: (low + high) / 2 };
}

/** The time of a recording or a run without its pauses: the gaps between its actions, added up as they come. */
class BusyTime extends Actions {
  ns = 0;
  private lastNs = NaN;

  protected take({ timeNs }: Pick<Action, 'timeNs'>): void {
    const gapNs = timeNs - this.lastNs;
    if (gapNs < PAUSE_NS) this.ns += gapNs;
    this.lastNs = timeNs;
  }

  ofLog(log: ActionLog): this {
    for (let row = 0; row < log.length; row++) this.take({ timeNs: log.timeNs[row]! });
    return this;
  }
}

function replayedNs(subject: Subject, recorded: Configuration): number {
  const busy = new BusyTime();
  const history = new History([busy]);
  runOnce(subject, recorded, FIRST_SEED, (batch) => history.push(batch), { deviceOnly: true });
  history.end();
  return busy.ns;
}

/** Think times without waits: the short ones as the gaps without anything in between show them, the pauses as they were. */
function unhurried(queue: RunQueue): RunQueue {
  const { thinkAfterSubmitNs, shortThinkNs } = queue;
  if (Number.isNaN(shortThinkNs)) return queue;
  const limit = shortThinkNs * 2 + 120_000;
  const think = ascending(thinkAfterSubmitNs);
  return { ...queue, thinkAfterSubmitNs: Array.from(think, (ns, i) => (ns > limit ? ns : shortThinkNs * (0.92 + (0.16 * (i % 10)) / 9))) };
}
