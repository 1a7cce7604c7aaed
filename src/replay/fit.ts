// Fits what the capture doesn't show about the host it was made on, by replaying the capture as it was recorded:
// the weight of the main loop is moved until the replay makes as many passes over the completion queues as the recording.
// Nothing but the recording itself is used; captures of the predicted configuration never are.

import type { HostFit } from './host.js';
import { type Configuration, type Subject, runOnce } from './run.js';

/** Above this share of overlapping actions the threads had cores of their own; captures lie well to either side. */
const OVERLAP_OF_PARALLEL_THREADS = 0.05;
/** The weight is searched in this range, by bisection on its logarithm. */
const WEIGHT_RANGE = { low: 0.25, high: 64 };
const STEPS = 10;
/** Runs averaged at each step; their seeds are apart from those of predictions. */
const RUNS = 3;
const FIRST_SEED = 1_000_000;

/**
 * Finds the host of a recording.
 * @param recorded the configuration that it was recorded under
 */
export function fitHost(subject: Omit<Subject, 'host'>, recorded: Configuration): HostFit {
  const { overlap, queues, mmio } = subject.calibration;
  if (overlap > OVERLAP_OF_PARALLEL_THREADS) return { cores: queues.length + 1, loopWeight: 1 };
  let { low, high } = WEIGHT_RANGE;
  for (let step = 0; step < STEPS; step++) {
    const middle = Math.sqrt(low * high);
    // A heavier main loop is let in less often, so that more completions wait for each pass.
    if (meanCqWrites(subject, recorded, { cores: 1, loopWeight: middle }) > mmio.cq) low = middle;
    else high = middle;
  }
  return { cores: 1, loopWeight: Math.sqrt(low * high) };
}

function meanCqWrites(subject: Omit<Subject, 'host'>, recorded: Configuration, host: HostFit): number {
  let sum = 0;
  for (let run = 0; run < RUNS; run++) sum += runOnce({ ...subject, host }, recorded, FIRST_SEED + run).doorbells.mmio.cq;
  return sum / RUNS;
}
