// Fits what the capture doesn't show about the host it was made on, by replaying the capture as it was recorded:
// whether the threads took turns on one core or had cores of their own, and, if they took turns, the weight of the main
// loop. The host whose replay makes as many passes over the completion queues as the recording is taken.
// Nothing but the recording itself is used; captures of the predicted configuration never are.

import type { HostFit } from './host.js';
import { type Configuration, type Subject, runOnce } from './run.js';

/** The weight is searched in this range, by bisection on its logarithm. */
const WEIGHT_RANGE = { low: 0.25, high: 64 };
const STEPS = 10;
/**
 * Runs averaged at each step, at most; their seeds are apart from those of predictions. A long recording needs no average: the
 * passes of so many commands scatter less than those of several runs of a short one.
 */
const RUNS = 3;
const ENOUGH_COMMANDS = 60_000;
const FIRST_SEED = 1_000_000;

/**
 * Finds the host of a recording.
 * @param recorded the configuration that it was recorded under
 */
export function fitHost(subject: Omit<Subject, 'host'>, recorded: Configuration): HostFit {
  const { parallel: sideBySide, vcpusApart, queues } = subject.calibration;
  if (!sideBySide) return fitWeight(subject, recorded, vcpusApart ? queues.length : 1);
  return { cores: queues.length + 1, loopWeight: 1 };
}

/** The weight of the main loop where it has no core of its own. */
function fitWeight(subject: Omit<Subject, 'host'>, recorded: Configuration, cores: number): HostFit {
  let { low, high } = WEIGHT_RANGE;
  for (let step = 0; step < STEPS; step++) {
    const loopWeight = Math.sqrt(low * high);
    // A heavier main loop is let in less often, so that more completions wait for each pass.
    if (excessOfPasses(subject, recorded, { cores, loopWeight }) > 0) low = loopWeight;
    else high = loopWeight;
  }
  return { cores, loopWeight: Math.sqrt(low * high) };
}

/** CQ doorbell writes of the recording replayed on this host, more than the recording has: mean of several runs. */
function excessOfPasses(subject: Omit<Subject, 'host'>, recorded: Configuration, host: HostFit): number {
  const { mmio, queues } = subject.calibration;
  const commands = queues.reduce((total, queue) => total + queue.commands, 0);
  const runs = Math.min(Math.ceil(ENOUGH_COMMANDS / commands), RUNS);
  let sum = 0;
  for (let run = 0; run < runs; run++) sum += runOnce({ ...subject, host }, recorded, FIRST_SEED + run, undefined, { deviceOnly: true }).doorbells.mmio.cq;
  return sum / runs - mmio.cq;
}
