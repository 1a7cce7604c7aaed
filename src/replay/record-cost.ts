// What one trace record costs the thread that makes it. A device that traces shadow doorbells makes more records than the
// recording without them shows, and on a slow host, such as one that is itself a virtual machine, each costs several
// times more. Completions that follow one another are the shortest work with few records each, and every recording has them.
// How many those are depends on what was traced.

import { ascending, quantileSorted } from '../metrics/stats.js';
import { type Costs, DEFAULT_COSTS } from '../model/costs.js';

/** From one completion to the next, in ns, on the hosts that the default costs were measured on: the median of each of their captures. */
const USUAL_COMPLETION_NS = 2_000;
/** The same, of fewer completions, says nothing. */
const ENOUGH = 30;
/** Below this many times it is the same as on those hosts: captures with time stamps in whole microseconds tell no finer. */
const CLEARLY_SLOWER = 2;

/** Records of QEMU's that come before the one of a completion, on the same path: callbacks of the block layer. [QEMU hw/nvme/ctrl.c] */
const ON_THE_WAY = /^(?:pci_)?nvme_\w+_cb$/;

/**
 * How many times more a record costs than on the hosts of the default costs; 1 where the recording shows no clear difference.
 * @param perCompletion see `recordsPerCompletion`
 */
export function recordScale(completeNs: readonly number[], perCompletion = 1): number {
  if (completeNs.length < ENOUGH) return 1;
  const scale = quantileSorted(ascending(completeNs), 0.5) / (USUAL_COMPLETION_NS * perCompletion);
  return scale < CLEARLY_SLOWER ? 1 : scale;
}

/**
 * Records that a completion made, the one of itself included; in the mean.
 * @param ignored records that became no event, by their full name
 * @param commands I/O commands of the recording
 */
export function recordsPerCompletion(ignored: ReadonlyMap<string, number>, commands: number): number {
  let onTheWay = 0;
  for (const [name, count] of ignored) if (ON_THE_WAY.test(name)) onTheWay += count;
  return commands === 0 ? 1 : 1 + onTheWay / commands;
}

/** The costs on that host: the device's accesses to shadow doorbells are mostly their records. */
export function costsAt(scale: number, recordNs = DEFAULT_COSTS.shadowReadNs, dispatchNs = DEFAULT_COSTS.dispatchNs): Costs {
  return { shadowUpdateNs: DEFAULT_COSTS.shadowUpdateNs, shadowReadNs: recordNs * scale, eventIdxWriteNs: recordNs * scale, dispatchNs, iterationNs: DEFAULT_COSTS.iterationNs };
}
