// A calibrated recording made ready for replays: its host is fitted, and what only replays of it can tell.
//
// Of several vCPUs that ran side by side with the device, the recording shows that there was more than one core, not that there was one for
// each thread. Both are tried, all threads on cores of their own and one core less, so that the device has to wait for one; the one whose
// replay misses the recording by less is taken. Nothing but the recording is used.

import { mean } from '../metrics/stats.js';
import type { Calibration } from './calibrate.js';
import { fitHost } from './fit.js';
import { IdleWakeCounter } from './idle-wakes.js';
import { refine } from './refine.js';
import { type Configuration, type Subject, runOnce } from './run.js';

const FIRST_SEED = 3_000_000;
/** Replays of either kind of host: one alone says more of its seed than of the host. */
const RUNS = 5;

/**
 * @param calibrated calibrates the recording, as it shows by itself or with a core less than threads
 * @param recorded the configuration that it was recorded under
 */
export function makeReady(log: Subject['log'], calibrated: (coreLess: boolean) => Calibration, recorded: Configuration): Subject {
  const asShown = ready({ log, calibration: calibrated(false) }, recorded);
  const { parallel, queues } = asShown.calibration;
  if (!parallel || queues.length < 2) return asShown;
  const withCoreLess = ready({ log, calibration: calibrated(true) }, recorded);
  return missed(withCoreLess, recorded) < missed(asShown, recorded) ? withCoreLess : asShown;
}

function ready(calibrated: Omit<Subject, 'host'>, recorded: Configuration): Subject {
  const subject = { ...calibrated, host: fitHost(calibrated, recorded) };
  return subject.calibration.parallel ? { ...subject, calibration: refine(subject, recorded) } : subject;
}

/** What the mean of replays of the recording as it was misses it by, in CQ writes and in submissions to an idle device: a sum of logarithms. */
function missed(subject: Subject, recorded: Configuration): number {
  const runs = Array.from({ length: RUNS }, (_, run) => {
    const counter = new IdleWakeCounter();
    const { doorbells } = runOnce(subject, recorded, FIRST_SEED + run, counter.consume);
    return { cq: doorbells.mmio.cq, idleWakes: counter.result() };
  });
  const { idleWakes, mmio } = subject.calibration;
  return apart(mean(runs.map(({ cq }) => cq)), mmio.cq) + apart(mean(runs.map((run) => run.idleWakes)), idleWakes);
}

/** How many times more or less, as a logarithm; a count of none is as good as one. */
function apart(a: number, b: number): number {
  return Math.abs(Math.log(Math.max(a, 1) / Math.max(b, 1)));
}
