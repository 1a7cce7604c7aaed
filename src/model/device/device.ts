// What a device model is, and the devices that can be named.

import { cqFollowHead } from '../policy/cq.js';
import type { CqPolicy, SqPolicy } from '../policy/policy.js';
import { followTail } from '../policy/sq.js';

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
