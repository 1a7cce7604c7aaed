// The runs of a what-if, spread over threads. Each is determined by its order, so that it doesn't matter who makes it.

import { availableParallelism } from 'node:os';
import type { RunOrder, RunOutcome } from '../../replay/run-plan.js';
import { type MakeRuns, type SentSetting, runsHere } from '../runs.js';
import { Crew } from './crew.js';

/** Fewer commands than this in all are replayed sooner than threads have started. */
const WORTH_THREADS = 1_000_000;
/** Each thread holds the lists of one run; those of the calibration are shared. */
const MAX_THREADS = 8;
/**
 * A run needs less than 100 MB, however long the recording. Below a limit the collector of garbage works in time; without one it lets a heap grow to several times
 * what is used. No code of the user's runs in these threads.
 */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };

/** In as many threads as there are cores, where that is worth it. */
export const runsInThreads: MakeRuns = async (setting, sent, orders) => {
  const commands = setting.subject.calibration.queues.reduce((sum, queue) => sum + queue.commands, 0);
  const threads = Math.min(availableParallelism(), MAX_THREADS, orders.length);
  return threads === 1 || commands * orders.length < WORTH_THREADS ? runsHere(setting, sent, orders) : spreadRuns(sent, orders, threads);
};

/** In so many threads. */
export async function spreadRuns(setting: SentSetting, orders: readonly RunOrder[], threads: number): Promise<readonly RunOutcome[]> {
  const outcomes: RunOutcome[] = [];
  const crew = new Crew(threads, undefined, HEAP);
  try {
    await crew.each(async (thread) => thread.run({ is: 'take setting', setting }));
    await crew.work([...orders.entries()], async ([at, order], thread) => {
      outcomes[at] = await thread.run({ is: 'run', order });
    });
    return outcomes;
  } finally {
    crew.end();
  }
}
