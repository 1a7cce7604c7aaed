// What a register write takes on a host where an exit from the guest is slow: one that is itself a virtual machine. There the
// guest's own instructions run at the processor's speed, and the exit is emulated, by layers of which the capture of one shows
// nothing of the others. What it takes in all shows in the guest's pace only: a driver that submits without a
// pause needs so long from one register write to the next, and its own part of that is known to be small.
//
// A guest on an emulated CPU is as slow as its host, and its pace tells nothing of exits. QEMU's log doesn't say which it was; vCPUs that
// each had a core while the device had none are the sign of KVM that a recording gives, and without it nothing is fitted.

import { ascending, quantileSorted } from '../metrics/stats.js';
import { NS_PER_US } from '../base/units.js';
import type { Transport } from '../model/transport.js';
import type { Calibration } from './calibrate.js';
import { FALLBACK } from './sampled.js';

/** The pace of an undisturbed driver: this quantile of the times between its submissions. */
const UNDISTURBED = 0.1;
/** Fewer of them show no pace. */
const ENOUGH = 30;

/**
 * The transport with a register write that takes what the pace leaves for it, or undefined where the host isn't slow, its vCPUs didn't run side by side, or no pace shows.
 * What a submission takes a driver on an emulated CPU is allowed for the driver itself.
 * @param calibration made with `like`
 */
export function slowExit({ recordScale, vcpusApart, queues }: Calibration, like: Transport): Transport | undefined {
  if (!vcpusApart || recordScale === 1 || !like.needsLock) return undefined;
  const leftNs = queues.flatMap(({ thinkAfterSubmitNs, batches }) => {
    const ownNs = FALLBACK.think * median(batches);
    return thinkAfterSubmitNs.map((ns) => ns + like.vcpuNs - ownNs);
  });
  if (leftNs.length < ENOUGH) return undefined;
  const vcpuNs = Math.round(quantileSorted(ascending(leftNs), UNDISTURBED));
  if (vcpuNs <= like.vcpuNs) return undefined;
  return {
    ...like,
    name: like.name.endsWith('(fitted)') ? like.name : `${like.name} (fitted)`,
    vcpuNs,
    deliveryNs: like.deliveryNs * (vcpuNs / like.vcpuNs),
    source: `this recording: a record takes ${recordScale.toFixed(1)} times what is usual, and the shortest times between submissions leave so much, less ${FALLBACK.think / NS_PER_US} us a command for the driver`,
  };
}

function median(values: readonly number[]): number {
  return quantileSorted(ascending(values), 0.5);
}
