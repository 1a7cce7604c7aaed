// Every device that can be named. Policies are those of the catalogue that the device ships with; a device that polls anyway takes no
// notice of how often its policy would.

import { cqArmWhenFull, cqFollowHead, cqNever, cqNeverWritten, cqTailMinusOne, cqTrailByOne } from '../policy/cq.js';
import { instance } from '../policy/family.js';
import { armWhenEmpty, followHead, followTail } from '../policy/sq.js';
import { boundedReArm, everyUpdate } from '../policy/sq-exact.js';
import { sentinel, trailByOne } from '../policy/sq-polled.js';
import type { DeviceModel } from './device.js';

/** Request slots of QEMU's device equal the SQ's entries; a slot is free again when its completion is posted. */
const slots = (sqDepth: number): number => sqDepth;

const QEMU: DeviceModel = {
  name: 'qemu',
  source: 'QEMU 9.2 and later, hw/nvme/ctrl.c: bottom halves in the main loop, one pass per queue',
  sqPolicy: followTail,
  cqPolicy: cqFollowHead,
  accepts: '7Ch',
  threads: 'main loop',
  requests: slots,
  freesRequests: 'posted',
  interrupts: 'per pass',
  atConfig: ['writes its indexes'],
};

/** Sweeps of a poller: SPDK's reactor with few queues, FEMU's pollers. Of the order of a shadow read and a few branches per queue. */
const SWEEP_NS = 1_000;

/** The first one is the default. */
export const DEVICES: readonly DeviceModel[] = [
  QEMU,
  {
    ...QEMU,
    name: 'qemu-8.0',
    source: 'QEMU 8.0 to 9.1 and 7.2.1 to 7.2.14: a queue out of request slots goes on only when a CQ doorbell finds the CQ full (until 9529aa6bb4)',
    freesRequests: 'posted, noticed by a CQ doorbell',
  },
  {
    ...QEMU,
    name: 'qemu-7.2',
    source: 'QEMU 7.2.0: as qemu-8.0; CQ EventIdx is never written (until fa5db2aa16)',
    cqPolicy: cqNeverWritten,
    freesRequests: 'posted, noticed by a CQ doorbell',
  },
  {
    ...QEMU,
    name: 'qemu-7.1',
    source: 'QEMU 7.1: as qemu-7.2, but with a timer of 500 ns for each side of a queue in place of a bottom half: a doorbell sets the SQ\'s, a completion the CQ\'s, each anew',
    cqPolicy: cqNeverWritten,
    freesRequests: 'posted, noticed by a CQ doorbell',
    sideTimerNs: 500,
  },
  without7Ch({
    ...QEMU,
    name: 'qemu-no-dbcs',
    source: 'QEMU with dbcs=off (10.0 and later), or before 7.1: no Doorbell Buffer Config',
  }),
  {
    name: 'spdk-poll',
    source: 'SPDK nvmf vfio-user target in poll mode (lib/nvmf/vfio_user.c, August 2026): one reactor polls all queues, adaptive interrupts, no fetch without a CQ entry',
    sqPolicy: instance(sentinel),
    cqPolicy: cqNever,
    accepts: '7Ch',
    threads: 'one for all queues',
    pollNs: SWEEP_NS,
    reservesCqEntries: true,
    transport: 'forwarded',
    interrupts: 'adaptive',
    atConfig: ['writes its indexes', 'looks at its queues'],
  },
  {
    name: 'spdk-interrupt',
    source: 'SPDK nvmf vfio-user target in interrupt mode (lib/nvmf/vfio_user.c, August 2026): re-arms at most three times, kicks itself when a CQ is full, an interrupt per completion',
    sqPolicy: instance(boundedReArm),
    cqPolicy: cqNever,
    accepts: '7Ch',
    threads: 'one for all queues',
    reservesCqEntries: true,
    kicksItself: true,
    transport: 'forwarded',
    interrupts: 'per completion',
    atConfig: ['writes its indexes', 'looks at its queues'],
  },
  {
    name: 'propolis',
    source: 'Propolis since January 2026 (lib/propolis/src/hw/nvme/queue.rs, e25e56ee): a worker per queue, a CQ slot is reserved before each pop, with a look at the head when none is left',
    sqPolicy: followHead,
    cqPolicy: cqTailMinusOne,
    accepts: '7Ch',
    threads: 'one per queue',
    reservesCqEntries: true,
    interrupts: 'per completion',
    atConfig: ['writes its indexes'],
  },
  {
    name: 'openvmm',
    source: 'OpenVMM since August 2025 (vm/devices/storage/nvme, 94889caeb): a task per queue, which isn\'t looked at with 8 commands in flight',
    sqPolicy: armWhenEmpty,
    cqPolicy: cqArmWhenFull,
    accepts: '7Ch',
    threads: 'one per queue',
    requests: () => 8,
    freesRequests: 'completed',
    interrupts: 'per completion',
    atConfig: ['writes its indexes', 'publishes them'],
  },
  {
    name: 'femu',
    source: 'FEMU since June 2026 (hw/femu, 2b230f4ec): a poller per queue, trail-by-one on both sides',
    sqPolicy: instance(trailByOne),
    cqPolicy: instance(cqTrailByOne),
    accepts: '7Ch',
    threads: 'one per queue',
    pollNs: SWEEP_NS,
    interrupts: 'per pass',
  },
  {
    name: 'femu-2025',
    source: 'FEMU before June 2026: the pollers echo the tail that they read, and nothing on the CQ',
    sqPolicy: instance(everyUpdate, { 'poll-us': SWEEP_NS / 1000 }),
    cqPolicy: cqNeverWritten,
    accepts: '7Ch',
    threads: 'one per queue',
    pollNs: SWEEP_NS,
    interrupts: 'per pass',
  },
  without7Ch({
    name: 'pci-epf',
    source: 'Linux nvmet pci-epf (drivers/nvme/target/pci-epf.c): a PCIe endpoint that polls its doorbells while active, 8 commands per queue and pass; no Doorbell Buffer Config',
    sqPolicy: followTail,
    cqPolicy: cqFollowHead,
    threads: 'one for all queues',
    pollNs: SWEEP_NS,
    burst: 8,
    transport: 'mapped-bar',
    interrupts: 'per pass',
  }),
  {
    name: 'c0h',
    source: 'a device for the vendor command of the 2014 proposal. Google\'s own is closed: a thread per queue that arms when it finds the queue empty, and takes the two areas without looking at them',
    sqPolicy: armWhenEmpty,
    cqPolicy: cqArmWhenFull,
    accepts: 'C0h',
    threads: 'one per queue',
    interrupts: 'per pass',
  },
  {
    name: 'c0h-poll',
    source: 'the same, but it never sleeps: a poller per queue, trail-by-one on both sides. Google\'s own is thought to look for a while before it waits for a doorbell, and never gets to that under load',
    sqPolicy: instance(trailByOne),
    cqPolicy: instance(cqTrailByOne),
    accepts: 'C0h',
    threads: 'one per queue',
    pollNs: SWEEP_NS,
    interrupts: 'per pass',
  },
];

/** A device without shadow doorbells: its policies never run. */
function without7Ch({ accepts: _accepts, ...rest }: DeviceModel): DeviceModel {
  return rest;
}
