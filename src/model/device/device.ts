// What a device model is, and the devices that can be named.

import type { Side } from '../../nvme/doorbell.js';
import { cqFollowHead } from '../policy/cq.js';
import type { CqPolicy, SqPolicy } from '../policy/policy.js';
import { followTail } from '../policy/sq.js';
import type { QueuePair } from '../queue-pair.js';

/** A device as the rest of the machine sees it. */
export interface Device {
  /** A doorbell write arrived. */
  doorbell(pair: QueuePair, side: Side, value: number, nowNs: number): void;
}

export interface DeviceModel {
  readonly name: string;
  /** Versions and functions that it follows. */
  readonly source: string;
  /** The policies that it ships with. */
  readonly sqPolicy: SqPolicy;
  readonly cqPolicy: CqPolicy;
}

/** Every device that can be named. */
export const DEVICES: readonly DeviceModel[] = [
  {
    name: 'qemu',
    source: 'QEMU 9.2 and later, hw/nvme/ctrl.c: bottom halves in the main loop, one pass per queue',
    sqPolicy: followTail,
    cqPolicy: cqFollowHead,
  },
];
