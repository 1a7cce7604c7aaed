// Event-index policies of the completion queue. Numbers and names follow the catalogue in docs/policies.md.
// H: last shadow head the device read (view.seen); c: next entry to post (view.position); e: EventIdx; s: shadow head.

import { advance, distance } from '../../nvme/ring.js';
import { BARRIER, type CqPolicy, REREAD, publish } from './policy.js';

/** A value that no ring of fewer than 65536 entries holds. */
const SENTINEL = 0xffff_ffff;

/** SPDK's vfio-user target: EventIdx outside the ring, head read only when space runs out. */
export const cqNever: CqPolicy = {
  name: 'never',
  id: 'C1',
  side: 'cq',
  formula: 'once: e := FFFFFFFFh; when full: H := s',
  provenance: 'SPDK lib/nvmf/vfio_user.c',
  risk: 'one ring per lap is left; a full queue is noticed only if something else wakes the device',
  program: {
    onConfig: [publish(() => SENTINEL)],
    onPost: [],
    onFull: [REREAD],
  },
};

/** QEMU 7.1 and 7.2.0, FEMU before June 2026: EventIdx stays as the driver zeroed it, the head is read before each completion. */
export const cqNeverWritten: CqPolicy = {
  name: 'never-written',
  id: 'P2',
  side: 'cq',
  formula: 'e stays 0; before each CQE: H := s',
  provenance: 'QEMU hw/nvme 7.1 and 7.2.0 (nvme_post_cqes), until January 2023: guests hung',
  risk: 'one ring per lap is left; a full queue is noticed only if something else wakes the device',
  program: {
    onConfig: [],
    onPost: [REREAD],
    onFull: [],
  },
};

/** QEMU hw/nvme since 8.0: echo the last head seen before each posted completion, then look again. */
export const cqFollowHead: CqPolicy = {
  name: 'follow-head',
  id: 'C2',
  side: 'cq',
  formula: 'before each CQE: e := H; barrier; H := s',
  provenance: 'QEMU hw/nvme (nvme_post_cqes) since 8.0 and 7.2.1',
  risk: 'most CQ rings are kept',
  program: {
    onConfig: [],
    onPost: [publish((view) => view.seen), BARRIER, REREAD],
    onFull: [],
  },
};

/** Propolis since January 2026: ring when the guest is about to empty the queue. */
export const cqTailMinusOne: CqPolicy = {
  name: 'tail-minus-one',
  id: 'C3',
  side: 'cq',
  formula: 'before each CQE: H := s; if more than one entry is occupied: e := c - 1',
  provenance: 'Propolis commit e25e56ee',
  risk: 'one ring per drain',
  program: {
    onConfig: [],
    onPost: [
      REREAD,
      publish((view) => {
        const occupied = distance(view.seen, view.position, view.depth);
        return occupied > 1 ? advance(view.position, -1, view.depth) : undefined;
      }),
    ],
    onFull: [],
  },
};

/** OpenVMM: arm only when a completion can't be posted, then look again. */
export const cqArmWhenFull: CqPolicy = {
  name: 'arm-when-full',
  id: 'C5',
  side: 'cq',
  formula: 'when full: e := H; barrier; H := s; wait only if still full',
  provenance: 'OpenVMM vm/devices/storage/nvme',
  risk: 'none known with full barriers on both sides; rings only when the device is blocked',
  program: {
    onConfig: [],
    onPost: [],
    onFull: [publish((view) => view.seen), BARRIER, REREAD],
  },
};
